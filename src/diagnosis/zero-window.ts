// The receiver does not read: its window is closed, and the sender has to wait.

import { isRead } from '../record/socket-calls.ts';
import { span } from '../report/words/units.ts';
import type { SegmentEvent } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import { arrivalOf, type End, type Facts } from './facts.ts';
import { doneAt, holdersAt, holderWords } from './holding.ts';
import { connectionWords } from './words.ts';

/** For a moment any window may be closed (ns). */
const patience = 1e9;

export const zeroWindow: Kind = {
  name: 'zero-window',
  title: 'The receiver does not read, and its window is closed',
  remedy:
    'Find what keeps the receiver from reading: it is at work elsewhere, waits for something, or was told to pause.',
  node: "A socket that is paused, whose 'data' nobody listens to, or that is piped into something slower does not read; nor does an event loop that is blocked.",
  source: 'RFC 9293, section 3.8.6.1 (zero-window probing); tcp(7)',
  find: (facts) => facts.ends.flatMap((end) => closedBy(facts, end)),
};

const closedBy = (facts: Facts, end: End): Found[] => {
  const { host, peer, connection } = end;
  const sent = facts.sent(end).filter(({ flags }) => flags.includes('.') && !/[SR]/.test(flags));
  const shut = sent.find(({ window }) => window === 0);
  if (!shut) return [];
  const open = sent.find(({ window, at }) => window > 0 && at > shut.at);
  const until = open?.at ?? endOf(facts, end);
  const probes = facts
    .received(end)
    .filter((one) => one.role === 'window-probe' && arrivalOf(one) > shut.at && arrivalOf(one) <= until);
  if (until - shut.at < patience || probes.length === 0) return [];
  const read = facts.calls(end).findLast((call) => isRead(call) && doneAt(call) <= shut.at);
  const reads = facts
    .calls(end)
    .filter((call) => isRead(call) && doneAt(call) > shut.at && doneAt(call) < until).length;
  const holders = holderWords(holdersAt(facts, end, shut.at));
  const last =
    facts.descriptors(end).length === 0
      ? ''
      : read
        ? `; its last read was ${span(shut.at - read.at)} before`
        : '; it had read nothing by then';
  return [
    {
      sentence: `The receive window of the ${host} on ${connectionWords(connection)} was closed for ${span(until - shut.at)}${open ? '' : ', to the end'}, and the ${peer} could only probe it (${probes.length} times): ${holders || `the program of the ${host}`} ${reads > 0 ? 'read too slowly' : 'did not read'}${last}.`,
      evidence: [shut.id, ...probes.map(({ id }) => id), open?.id, read?.id],
    },
  ];
};

/** The last thing that is known of it. */
const endOf = (facts: Facts, end: End): number => {
  const last: SegmentEvent | undefined = [...facts.sent(end), ...facts.received(end)]
    .sort((a, b) => a.at - b.at)
    .at(-1);
  return last?.at ?? 0;
};

// A socket stays in CLOSE-WAIT: the other side has closed, and nobody on this side does.

import { isRead } from '../record/socket-calls.ts';
import { span } from '../report/words/units.ts';
import type { SegmentEvent, StateEvent } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import { arrivalOf, type End, type Facts } from './facts.ts';
import { idleHolders } from './held-by-child.ts';
import { bytesArrived, bytesRead, doneAt, holdersAt, holderWords, whoHeld } from './holding.ts';
import { wasNeverRead } from './never-read.ts';
import { askedWords, connectionWords, count } from './words.ts';

/** A program may take its time to answer before it closes (ns). */
const patience = 1e9;

type Left = { end: End; entered: StateEvent; until: number; evidence: (string | undefined)[] };

export const leftInCloseWait: Kind = {
  name: 'left-in-close-wait',
  title: 'A socket is left in CLOSE-WAIT',
  remedy:
    'Close the socket once a read has returned 0, on every path, those after an error and a timeout too: until then it holds a descriptor, and nothing else ends it.',
  node: "With allowHalfOpen: true call socket.end() upon 'end'; without it read to the end ('data' or resume()), else 'end' never comes and Node does not close by itself.",
  source: 'RFC 9293, section 3.6; tcp(7)',
  find: (facts) => {
    const left = facts.ends.flatMap((end) => leftBy(facts, end));
    const byHolder = Map.groupBy(
      left,
      ({ end, until }) => `${end.host} ${holdersOf(facts, end, until).map(({ process }) => process)}`,
    );
    return [...byHolder.values()].map((all) => tell(facts, all));
  },
};

const holdersOf = (facts: Facts, end: End, until: number) => holdersAt(facts, end, until - 1e6);

const leftBy = (facts: Facts, end: End): Left[] => {
  const states = facts.states(end);
  const entered = states.findLast(({ to }) => to === 'CLOSE-WAIT');
  if (!entered) return [];
  const fin = entered.cause?.kind === 'segment' ? entered.cause.event : lastFin(facts, end, entered);
  const closing = facts.sent(end).find(({ flags, at }) => /[FR]/.test(flags) && at > entered.between[0]);
  const next = states[states.indexOf(entered) + 1];
  // That its process ended, or was ended, closes it for a process that did not.
  const isClosed = closing ? isByProgram(facts, end, closing) : next && next.cause?.kind !== 'process-end';
  if (fin === undefined || isClosed) return [];
  // One that waits to be accepted no process has: there the fault lies elsewhere.
  const seen = facts.rows(end).findLast(({ row }) => row.state === 'CLOSE-WAIT');
  if (!seen || seen.row.inode === 0) return [];
  const until = closing?.at ?? next?.between[0] ?? facts.timeline.duration;
  if (until - entered.between[1] < patience) return [];
  // Those are told as what they are.
  if (wasNeverRead(facts, end) || facts.descriptors(end).some((one) => idleHolders(facts, end, one).length > 0))
    return [];
  // Where descriptors are known, a close that leaves another one open closes nothing.
  const isHeld = holdersOf(facts, end, until).length > 0;
  const isClose = (api: string) => /^(shutdown|end)$/.test(api) || (!isHeld && /^(close|destroy)/.test(api));
  if (facts.calls(end).some(({ api, at }) => isClose(api) && at > entered.between[1] && at < until)) return [];
  return [{ end, entered, until, evidence: [fin, entered.id, seen.sample.id, closing?.id] }];
};

/** By a call, be it one that nobody recorded: where calls are recorded, what none of them did the end of a process did. */
const isByProgram = (facts: Facts, end: End, { cause }: SegmentEvent): boolean =>
  cause?.kind === 'unknown' ? facts.descriptors(end).length === 0 : cause?.kind !== 'process-end';

const lastFin = (facts: Facts, end: End, { between }: StateEvent): string | undefined =>
  facts.received(end).findLast((one) => one.flags.includes('F') && arrivalOf(one) <= between[1])?.id;

const tell = (facts: Facts, all: Left[]): Found => {
  const [{ end, entered, until }] = all as [Left];
  const { host, peer, connection } = end;
  const evidence = all.flatMap((one) => one.evidence);
  const times = all.map((one) => one.until - one.entered.between[1]).sort((a, b) => a - b);
  const [least, most] = [span(times[0] ?? 0), span(times.at(-1) ?? 0)];
  const stood = `in CLOSE-WAIT for ${least === most ? least : `${least} to ${most}`} after the FIN of the ${peer}`;
  const holders = all.flatMap((one) => holdersOf(facts, one.end, one.until));
  const others = all.flatMap((one) => whoHeld(facts, one.end, one.until - 1e6) ?? []);
  const who = holders.length > 0 ? holderWords(holders) : others.join(', ');
  const held = who === '' ? '' : ` The process is ${who}`;
  if (all.length > 1)
    return {
      sentence: `The ${host} never closed its side of ${count(all.length, 'connection')}: they stood ${stood}.${held}${held && '.'}`,
      evidence,
    };
  const { words, id } = readSoFar(facts, end, { entered, until });
  return {
    sentence: `The ${host} never closed its side of ${connectionWords(connection)}: it stood ${stood}.${held}${held && words}${held && '.'}`,
    evidence: [...evidence, id],
  };
};

/** What its programs had read of what had come. */
const readSoFar = (facts: Facts, end: End, { entered, until }: Pick<Left, 'entered' | 'until'>) => {
  const arrived = bytesArrived(facts, end, until);
  const read = bytesRead(facts, end, until);
  const eof = facts
    .calls(end)
    .find((call) => isRead(call) && doneAt(call) > entered.between[0] && bytesIn(call.returned?.value) === 0);
  if (read === undefined) return { words: '' };
  const last = facts.calls(end).findLast(({ asked, at }) => asked && at < until);
  const lastWords = last ? `; the last thing it did with it was ${askedWords(last)}` : '';
  if (read < arrived) return { words: `; it has left ${count(arrived - read, 'byte')} unread${lastWords}` };
  const unread = facts.rows(end).findLast(({ row }) => row.state === 'CLOSE-WAIT')?.row.recvQ;
  // The FIN counts as a byte in Recv-Q until it has been read.
  return eof || unread === 0
    ? {
        words: `; it has read everything, to the end of the stream, and called neither close() nor shutdown() since${lastWords}`,
        ...(eof && { id: eof.id }),
      }
    : { words: `; it has read all bytes, but not the end of the stream${lastWords}` };
};

const bytesIn = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : value;

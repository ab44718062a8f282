// A small write waits for the acknowledgement of the one before (Nagle), and the other side puts that off: some 40 ms
// are lost each time.

import { isWrite } from '../record/socket-calls.ts';
import { span } from '../report/words/units.ts';
import type { CallEvent, SegmentEvent } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import type { End, Facts } from './facts.ts';
import { bytesOf } from './holding.ts';
import { connectionWords, count } from './words.ts';

/** A delayed ACK comes after 40 ms at the earliest (TCP_DELACK_MIN); less than this is no such wait (ns). */
const shortest = 30e6;

export const nagleAndDelayedAck: Kind = {
  name: 'nagle-and-delayed-ack',
  title: 'Small writes wait for delayed acknowledgements',
  remedy: 'Write what belongs together at once (one buffer, writev(2), TCP_CORK), or set TCP_NODELAY.',
  node: 'socket.cork() and uncork(), one write() for header and body, or socket.setNoDelay(true); http does so by itself.',
  source: 'RFC 9293, section 3.7.4; RFC 1122, section 4.2.3.2; tcp(7) on TCP_NODELAY',
  find: (facts) => facts.ends.flatMap((end) => waitsOf(facts, end)),
};

/** More than this is held back by windows, not by Nagle: no segment of Ethernet is smaller when it is full (bytes). */
const small = 500;

type Wait = { write: CallEvent; data: SegmentEvent; ack: SegmentEvent; for: number };

const waitsOf = (facts: Facts, end: End): Found[] => {
  const writes = facts.calls(end).filter((call) => isWrite(call) && call.returned?.errno === undefined);
  const isNoDelay = ({ api, args }: CallEvent) =>
    api === 'setsockopt' && args.includes('TCP_NODELAY') && args[args.indexOf('TCP_NODELAY') + 1] !== 0;
  if (facts.calls(end).some(isNoDelay)) return [];
  const waits = facts.sent(end).flatMap((data): Wait[] => {
    if (data.length === 0 || data.length > small || data.role !== undefined || data.cause?.kind !== 'segment')
      return [];
    const ack = facts.event(data.cause.event);
    if (ack?.kind !== 'segment' || ack.cause?.kind !== 'timer' || ack.cause.timer !== 'delayed-ack') return [];
    const write = writes.findLast(({ at }) => at < data.at - shortest);
    const later = write && writes.find(({ at }) => at > write.at && at <= data.at);
    return write && !later && bytesOf(write.returned?.value) <= small
      ? [{ write, data, ack, for: data.at - write.at }]
      : [];
  });
  if (waits.length === 0) return [];
  const longest = Math.max(...waits.map((wait) => wait.for));
  return [
    {
      sentence: `On ${connectionWords(end.connection)} ${count(waits.length, 'write')} of the ${end.host} waited up to ${span(longest)} for the acknowledgement of the write before, which the ${end.peer} put off: Nagle’s algorithm and the delayed ACK wait for each other.`,
      evidence: waits.flatMap(({ write, ack, data }) => [write.id, ack.id, data.id]),
    },
  ];
};

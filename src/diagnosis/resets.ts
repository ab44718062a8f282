// What several diagnoses ask of a reset: who heard of it, and whether SO_LINGER was set before.
import type { CallEvent, SegmentEvent } from '../timeline/schema.ts';
import type { End, Facts } from './facts.ts';

/** The last setting of SO_LINGER on a socket by a moment. */
export const lingerBefore = (facts: Facts, end: End, by: number): CallEvent | undefined =>
  facts.calls(end).findLast(({ api, args, at }) => api === 'setsockopt' && args.includes('SO_LINGER') && at < by);

/** The error by which a program at the other end heard of the reset. */
export const whatPeerWasTold = (
  facts: Facts,
  { peer, host, connection }: End,
  reset: SegmentEvent,
): { id: string; errno: string } | undefined => {
  const other = { host: peer, peer: host, connection };
  const isError = (errno: string | undefined) => errno === 'ECONNRESET' || errno === 'EPIPE';
  const call = facts
    .calls(other)
    .find((one: CallEvent) => (one.returned?.at ?? 0) >= reset.at && isError(one.returned?.errno));
  const emit = facts.emits(other).find(({ name, code, at }) => name === 'error' && at >= reset.at && isError(code));
  if (call) return { id: call.id, errno: call.returned?.errno as string };
  return emit && { id: emit.id, errno: emit.code as string };
};

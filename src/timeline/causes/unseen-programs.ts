// What a program sends whose calls nobody recorded, and what the end of a process leaves to the kernel.

import type { CallDraft } from '../calls/api-events.ts';
import type { Found } from '../calls/calls.ts';
import type { Draft, Link } from '../draft.ts';
import type { SegmentEvent } from '../schema.ts';
import { isDataAlone } from '../segments/segment-flags.ts';
import { type CauseContext, call, socketOf } from './causes.ts';

/**
 * Where no process that is driven call by call holds the socket: the input it was given if it sends just that, else the
 * program itself.
 */
export const unseenProgram = (
  event: SegmentEvent,
  { calls, holders, connections, ends }: CauseContext,
): Link | undefined => {
  const { from, connection, at, payload } = event;
  const since = connections[connection]?.begin ?? at;
  // The end of one that is stopped closes its sockets, but it writes nothing.
  const program = isDataAlone(event) ? holders.runningProgram(from, since, at) : holders.program(from, since, at);
  if (!program) return undefined;
  const input = payload === undefined ? undefined : calls.latestInput(from, at);
  const able = [program.of].flat().map(nameOf);
  if (input && able.includes(input.event.process) && isSaidIn(input, event)) return call(input);
  if (program.kind === 'program' && payload === undefined) {
    const end = ends.within(from, [nameOf(program.of)], [at, at]);
    if (end && ends.isKilled(end)) return { kind: 'process-end', of: end };
  }
  return program;
};

const nameOf = ({ event }: Draft): string => ('process' in event ? event.process : '');

/** Whether the segment holds what the program was given, the whole of it or, of more than a segment takes, a part. */
const isSaidIn = ({ event: { args } }: CallDraft, { payload = '', length, options }: SegmentEvent): boolean =>
  args.some((text) => {
    if (typeof text !== 'string') return false;
    const bytes = Buffer.from(text);
    const isWhole = bytes.length === length || bytes.length > (options.mss ?? smallestSegment);
    return isWhole && bytes.toString('hex').includes(payload);
  });

/** Bytes that every segment may hold (RFC 9293, section 3.7.1). */
const smallestSegment = 536;

/** The kernel closes what a process leaves open: its end, if it can have been now and the process still held the socket. */
export const endOfHolder = (event: SegmentEvent, { holders, ends }: CauseContext): Link | undefined => {
  const { from, at } = event;
  const still = holders.at(socketOf(event), at);
  const ended = ends.within(from, still, [at, at]);
  if (ended) return { kind: 'process-end', of: ended };
  const ending = ends.untold(from, still, at);
  return ending && call(ending);
};

/**
 * The end of a process whose call still used the socket when close() was made, where it ends that call.
 */
export const endOfUser = ({ made }: Found, event: SegmentEvent, { calls, ends }: CauseContext): Link | undefined => {
  const { from, connection, at } = event;
  const lasting = calls
    .using(from, connection, made.event.at)
    .filter(({ event: { returned } }) => returned === undefined || returned.at > at);
  const ended = ends.within(from, new Set(lasting.map((user) => user.event.process)), [at, at]);
  return ended && { kind: 'process-end', of: ended };
};

/** A process that lives still has a descriptor of the socket: the close() of another one long ago sent nothing. */
export const isHeldElsewhere = (event: SegmentEvent, { holders, ends }: CauseContext): boolean =>
  [...holders.at(socketOf(event), event.at)].some(
    (process) => !ends.within(event.from, [process], [Number.NEGATIVE_INFINITY, event.at]),
  );

// Who closed a socket, or a listener: a call, the end of the process that held it, or a program nobody watched.
import { itemAt } from '../../record/item-at.ts';
import type { CallDraft, ProcessDraft } from '../calls/api-events.ts';
import type { Found } from '../calls/calls.ts';
import { latestClosing } from '../calls/closing.ts';
import { countAtOrBefore } from '../search.ts';
import { type StateCause, type StateContext, unknown } from './state-surroundings.ts';
import type { StateDraft } from './states.ts';

/** A call that closes, or the end of the process that held the socket, between the two samples. */
export const closedInSpan = ({ event }: StateDraft, context: StateContext): StateCause | undefined => {
  const { host, connection, between } = event;
  const [from, to] = between;
  const closing =
    connection === undefined ? undefined : latestClosing({ host, connection, port: event.local.port }, to, context);
  if (closing && isUnderWay(closing, from) && !isAftermath(closing.call, context))
    return { cause: { kind: 'call', of: closing.call }, at: closing.made.event.at };
  return endOfHolder(event, context);
};

export const endOfHolder = (
  { host, connection, local: { port }, between }: StateDraft['event'],
  { holders, ends }: StateContext,
): StateCause | undefined => {
  const [from, to] = between;
  const still = holders.at({ host, connection, port }, from);
  const exit: ProcessDraft | undefined = ends.within(host, still, between);
  if (exit) return { cause: { kind: 'process-end', of: exit } };
  const ending = ends.untold(host, still, to);
  return ending && ending.event.at >= from ? { cause: { kind: 'call', of: ending }, at: ending.event.at } : undefined;
};

/**
 * A socket that no process driven call by call holds is in the hands of a program; a signal of the script may have
 * ended that.
 */
export const byProgram = ({ event }: StateDraft, { holders, ends, connections }: StateContext): StateCause => {
  const { host, connection, local, between } = event;
  if (holders.ever({ host, connection, port: local.port }).size > 0) return unknown;
  const [from, to] = between;
  const since = event.to === 'SYN-SENT' || event.to === 'LISTEN' ? to : (connections[connection ?? -1]?.begin ?? from);
  const program = holders.program(host, since, to) ?? holders.program(host, since, from);
  if (!program) return unknown;
  if (program.kind === 'programs') return { cause: program };
  const start = program.of.event;
  const end = 'process' in start ? ends.within(host, [start.process], between) : undefined;
  if (end && ends.isKilled(end)) return { cause: { kind: 'process-end', of: end } };
  return { cause: program };
};

/**
 * Node closes a socket to which the kernel has reported an error (an errno, not Node's own ABORT_ERR): that close ended
 * nothing.
 */
const isAftermath = ({ event: closing }: CallDraft, { emits }: StateContext): boolean => {
  if (closing.by !== 'node') return false;
  // 'error' is emitted in the turn after the close.
  for (let index = countAtOrBefore(emits, closing.at, ({ event }) => event.at); index < emits.length; index++) {
    const { event } = itemAt(emits, index);
    if (event.step > closing.step) return false;
    if (event.process === closing.process && event.target === closing.target)
      return event.name === 'error' && /^E[A-Z]+$/.test(event.code ?? '');
  }
  return false;
};

/** A call does its work somewhere between its begin and its return: ss may look in between and see nothing yet. */
export const isUnderWay = ({ made: { event } }: Found, from: number): boolean =>
  (event.returned?.at ?? event.at) >= from;

export const listenerClosed = ({ event }: StateDraft, { calls }: StateContext): StateCause | undefined => {
  const [from, to] = event.between;
  const closing = calls.latestOnListener('close', event.host, event.local.port, to);
  return closing && isUnderWay(closing, from)
    ? { cause: { kind: 'call', of: closing.call }, at: closing.made.event.at }
    : undefined;
};

// The invariants, one by one.
import type { Endpoint } from '../../record/endpoint.ts';
import { isSocketCall, isSystemCall } from '../../record/part-records.ts';
import type { CallEvent, TimelineEvent } from '../schema.ts';
import { isBareAck, isDataAlone } from '../segments/segment-flags.ts';
import {
  type Effect,
  earliestEffectOf,
  endKey,
  type Index,
  isEffect,
  latestOf,
  type Rule,
  type Violation,
} from './invariant-index.ts';

/** A segment is received after it was sent, a call returns after it was made, a change of state lies in its own span. */
export const ownTimes = (event: TimelineEvent, { slack, byId }: Index): Violation[] => {
  const found: Violation[] = [];
  const check = (isRight: boolean, what: string, cause?: string) => {
    if (!isRight) found.push({ rule: 'times in order', what, event: event.id, ...(cause && { cause }) });
  };
  if (event.kind === 'segment') {
    const { sentAt, receivedAt, retransmissionOf, copyOf } = event;
    if (sentAt !== undefined && receivedAt !== undefined)
      check(receivedAt >= sentAt - 2 * slack, 'the segment was received before it was sent');
    for (const earlier of [retransmissionOf, copyOf]) {
      const first = earlier === undefined ? undefined : byId.get(earlier)?.event;
      if (first) check(first.at <= event.at + slack, 'a repetition is earlier than what it repeats', earlier);
    }
  }
  if (event.kind === 'call' && event.returned)
    check(event.returned.at >= event.at, 'the call returned before it was made');
  if (event.kind === 'state') {
    const [from, to] = event.between;
    check(from <= to, 'the span of the change ends before it begins');
    check(event.at >= from - slack && event.at <= to + slack, 'the change lies outside its own span');
  }
  return found;
};

export const causeOf = (event: TimelineEvent, index: number, record: Index): Violation[] => {
  const { cause } = event;
  const ids = cause?.kind === 'programs' ? cause.events : cause && 'event' in cause ? [cause.event] : [];
  return ids.flatMap((id) => relation(event, index, id, record));
};

/** What cannot be between an event and one that is to have caused it. */
const relation = (event: TimelineEvent, index: number, id: string, record: Index): Violation[] => {
  const found = record.byId.get(id);
  const violation = (rule: Rule, what: string): Violation => ({ rule, what, event: event.id, cause: id });
  if (!found) return [violation('cause exists', 'its cause is no event of the timeline')];
  const violated: Violation[] = [];
  const earliest = earliestEffectOf(found.event);
  if (latestOf(event) < earliest - record.slack)
    violated.push(violation('cause first', 'it is over before its cause began'));
  else if (event.at < earliest - record.slack)
    violated.push(violation('cause first', 'it stands at a time before its cause'));
  if (found.index > index) violated.push(violation('cause above effect', 'it stands above its cause'));
  if (event.cause?.kind === 'program' && event.at > (record.lives.get(id) ?? event.at) + record.slack)
    violated.push(violation('nothing after the end', 'the program it is put down to had ended'));
  const stranger = isEffect(event) ? strangeness(event, found.event, record) : undefined;
  if (stranger) violated.push(violation('same socket', stranger));
  return violated;
};

/** Why the cause cannot be one of this effect's socket; undefined where it can. */
const strangeness = (effect: Effect, cause: TimelineEvent, { pairs, sockets }: Index): string | undefined => {
  const host = effect.kind === 'segment' ? effect.from : effect.host;
  const pair = effect.connection === undefined ? undefined : pairs[effect.connection];
  if (cause.kind === 'segment') {
    if (cause.fate !== 'delivered') return 'the segment it is put down to never arrived';
    if (cause.to !== host) return 'the segment it is put down to arrived at the other host';
    return pair === undefined || pairs[cause.connection] === pair
      ? undefined
      : 'its cause is a segment of another connection';
  }
  if (cause.kind === 'wire' || !('host' in cause)) return undefined;
  if (cause.host !== host) return 'its cause is an event of the other host';
  if (cause.kind === 'process' && cause.edge === 'exit') {
    const own = sockets.get(`${host} ${cause.process}`);
    const { port } = effect.kind === 'segment' ? effect.source : effect.local;
    return !own || own.has(`#${effect.connection}`) || own.has(`port ${port}`)
      ? undefined
      : 'the process whose end it is put down to never had the socket';
  }
  if (cause.kind !== 'call' || !isSocketCall(cause)) return undefined;
  // A new connect() on a pair in TIME-WAIT ends the old connection's socket: the pair is the same.
  if (cause.connection !== undefined)
    return pair !== undefined && pairs[cause.connection] === pair ? undefined : 'its cause is a call on another socket';
  // A listener that is closed resets what waits in its queue: their port is the same.
  const local: Endpoint = effect.kind === 'segment' ? effect.source : effect.local;
  return cause.local === undefined || cause.local.port === local.port
    ? undefined
    : 'its cause is a call on another socket';
};

/** A socket sends nothing, a call on it has no success, after it is CLOSED; and a process makes no call after its end. */
export const afterTheEnd = (
  event: TimelineEvent,
  index: number,
  { byId, ends, closed, exits, slack }: Index,
): Violation[] => {
  const rule = 'nothing after the end';
  if (event.kind === 'state') {
    const end = closed.get(event.socket);
    if (!end || index <= (byId.get(end.id)?.index ?? index)) return [];
    return [{ rule, what: 'the socket was CLOSED before', event: event.id, cause: end.id }];
  }
  if (event.kind === 'segment') {
    const end = ends.get(endKey(event.from, event.connection));
    // Where there is no socket the kernel itself answers, with a reset.
    if (!end || event.origin !== 'host' || event.flags.includes('R') || event.at <= end.at + slack) return [];
    return [{ rule, what: 'a socket that was CLOSED sent it', event: event.id, cause: end.id }];
  }
  if (event.kind !== 'call' || !isSocketCall(event)) return [];
  const exit = exits.get(`${event.host} ${event.process}`);
  if (exit !== undefined && event.at > exit + slack)
    return [{ rule, what: 'a process that had ended made the call', event: event.id }];
  const end = event.connection === undefined ? undefined : ends.get(endKey(event.host, event.connection));
  if (!end || event.at <= end.at + slack || !needsOpenSocket(event)) return [];
  return [
    {
      rule,
      what: 'the call succeeded on a socket that was CLOSED',
      event: event.id,
      cause: end.id,
    },
  ];
};

/** send(2) gives EPIPE on a closed socket, shutdown(2) ENOTCONN; the other calls do without a connection. */
const needsOpenSocket = (call: CallEvent): boolean =>
  isSystemCall(call) && /^(send|shutdown)$/.test(call.api) && call.returned !== undefined && !call.returned.errno;

/** What has no known cause must have none in the calls: none on the same socket lies in the span. */
export const callLeftOut = (event: TimelineEvent, record: Index): Violation[] => {
  if (!isEffect(event) || event.connection === undefined) return [];
  if (event.cause !== undefined && event.cause.kind !== 'unknown') return [];
  if (event.kind === 'segment' && isBareAck(event)) return []; // none of these calls sends one
  const [from, to] = event.kind === 'state' ? event.between : [event.at - window, event.at];
  const host = event.kind === 'segment' ? event.from : event.host;
  const able = (record.calls.get(endKey(host, event.connection)) ?? []).filter(
    ({ at, returned, api }) => acts.has(api) && at <= to && (returned?.at ?? to) >= from,
  );
  const [call] = able;
  // Which of several writes at once it was, the kernel alone knows.
  const isOneOfMany =
    event.kind === 'segment' && isDataAlone(event) && able.filter(({ api }) => writes.has(api)).length > 1;
  if (!call || isOneOfMany) return [];
  return [
    {
      rule: 'no call left out',
      what: 'its cause is unknown, and a call on its socket lies in the span',
      event: event.id,
      cause: call.id,
    },
  ];
};

/** A segment that a call has asked for leaves this soon after it began, where nothing holds it up (ns). */
const window = 5e6;

const writes = new Set(['write', 'send']);

/** The calls that make a socket send or change its state. */
const acts = new Set([
  'connect',
  'listen',
  'write',
  'send',
  'end',
  'destroy',
  'shutdown',
  'close',
  'reset',
  'resetAndDestroy',
]);

/** The kernel acknowledges what has arrived in the stage it arrived in: a stage ends when the wire is quiet. */
export const acrossStages = (event: TimelineEvent, { byId, stageEnds }: Index): Violation[] => {
  if (event.kind !== 'segment' || !isBareAck(event) || event.cause?.kind !== 'segment') return [];
  const cause = byId.get(event.cause.event)?.event;
  const arrival = cause?.kind === 'segment' ? cause.receivedAt : undefined;
  if (arrival === undefined || !stageEnds.some((at) => at > arrival && at < event.at)) return [];
  return [
    {
      rule: 'one stage',
      what: 'a stage ends between it and the arrival it answers',
      event: event.id,
      cause: event.cause.event,
    },
  ];
};

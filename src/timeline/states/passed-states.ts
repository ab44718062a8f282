// Which states a socket went through between two looks of ss, by what it received and sent meanwhile (RFC 9293, section
// 3.10.7): those it was in at neither look, which nobody has seen.
import type { TcpState } from '../../record/tcp-state.ts';
import { arrivalOf } from '../causes/causes.ts';
import type { Arrivals } from '../segments/arrivals.ts';
import { endOf, has } from '../segments/segment-flags.ts';
import type { SegmentDraft } from '../segments/segments.ts';

/** A state that was entered, and when (nanoseconds since the start of the run). */
export type Passed = { state: TcpState; at: number };

type Socket = {
  connection: number;
  /** What its host received and sent, in order of time, and what each arrival was to it. */
  received: readonly SegmentDraft[];
  sent: readonly SegmentDraft[];
  arrivals: Arrivals;
  /** Whether at a moment there was no room for TIME-WAIT (tcp_max_tw_buckets): the kernel counted that. */
  isTimeWaitRefused(at: number): boolean;
};

/**
 * The states between `from` and `to`, in order. What led past `to` came after the second look; where nothing leads to
 * CLOSED, a call or a timer did, from wherever the socket was.
 */
export const passedStates = (
  { from, to, between: [begin, end] }: { from: TcpState; to: TcpState; between: readonly [number, number] },
  socket: Socket,
): Passed[] => {
  const passed: Passed[] = [];
  let state = from;
  for (const { at, lead } of happenings(socket, begin, end))
    for (const next of lead(state)) {
      if (next === to) return passed;
      if (next === 'CLOSED') return [];
      passed.push({ state: next, at });
      state = next;
    }
  return to === 'CLOSED' ? passed : [];
};

/** What happened to a socket, and to which states it leads from the one it is in. */
type Happening = { at: number; lead(state: TcpState): TcpState[] };

const happenings = (socket: Socket, begin: number, end: number): Happening[] => {
  const { received, sent, connection } = socket;
  const arrivals = received.map((draft): Happening => {
    const arrival = effectOf(draft, socket);
    return { at: arrivalOf(draft), lead: (state) => afterArrival(state, arrival) };
  });
  const sendings = sent
    .filter(({ event }) => event.connection === connection)
    .map(({ event }): Happening => ({ at: event.at, lead: (state) => afterSending(state, event) }));
  return [...arrivals, ...sendings].filter(({ at }) => at >= begin && at <= end).sort((a, b) => a.at - b.at);
};

/** What of an arrival counts. `end`: where both FINs have led to. */
type Effect = Record<'reset' | 'isExact' | 'syn' | 'ackOfSyn' | 'fin' | 'ackOfFin', boolean> & { end: TcpState };

const effectOf = (draft: SegmentDraft, { sent, arrivals, connection, isTimeWaitRefused }: Socket): Effect => {
  const { event } = draft;
  const { isTaken, completesFin, isReset } = arrivals(draft);
  const acknowledges = isTaken && has(event, '.') && !has(event, 'R') && event.connection === connection;
  const fin = sent.find(({ event: one }) => one.connection === connection && has(one, 'F'))?.event;
  return {
    reset: has(event, 'R') && (isTaken || isReset),
    isExact: isReset,
    syn: isTaken && has(event, 'S'),
    ackOfSyn: acknowledges && event.ack >= 1,
    fin: completesFin,
    ackOfFin: acknowledges && fin !== undefined && event.ack >= endOf(fin),
    end: isTimeWaitRefused(arrivalOf(draft)) ? 'CLOSED' : 'TIME-WAIT',
  };
};

const afterArrival = (state: TcpState, { reset, isExact, syn, ackOfSyn, fin, ackOfFin, end }: Effect): TcpState[] => {
  // A handshake that is not complete ends by any reset within the window (tcp_check_req()).
  if (reset) return isExact || state === 'SYN-RECEIVED' ? ['CLOSED'] : [];
  switch (state) {
    case 'SYN-SENT':
      return syn ? [ackOfSyn ? 'ESTABLISHED' : 'SYN-RECEIVED'] : [];
    case 'SYN-RECEIVED':
      if (!ackOfSyn) return [];
      return fin ? ['ESTABLISHED', 'CLOSE-WAIT'] : ['ESTABLISHED'];
    case 'ESTABLISHED':
      return fin ? ['CLOSE-WAIT'] : [];
    case 'FIN-WAIT-1':
      if (fin) return [ackOfFin ? end : 'CLOSING'];
      return ackOfFin ? ['FIN-WAIT-2'] : [];
    case 'FIN-WAIT-2':
      return fin ? [end] : [];
    case 'CLOSING':
      return ackOfFin ? [end] : [];
    case 'LAST-ACK':
      return ackOfFin ? ['CLOSED'] : [];
    default:
      return [];
  }
};

const afterSending = (state: TcpState, event: SegmentDraft['event']): TcpState[] => {
  // With a reset of its own a socket is over, be it the answer to data that nobody can read any more; before it is open,
  // with one that acknowledges (tcp_send_active_reset()), for without that it answers what does not belong to it.
  if (has(event, 'R')) {
    const isOpening = state === 'SYN-SENT' || state === 'SYN-RECEIVED';
    return !isOpening || (has(event, '.') && event.absolute.seq !== 0) ? ['CLOSED'] : [];
  }
  if (!has(event, 'F')) return [];
  if (state === 'CLOSE-WAIT') return ['LAST-ACK'];
  return state === 'ESTABLISHED' || state === 'SYN-RECEIVED' ? ['FIN-WAIT-1'] : [];
};

// The transitions of a TCP connection as RFC 9293 draws them (section 3.3.2, figure 5), and what Linux makes of each.
// These are facts of the RFC and of the kernel; which of them was witnessed is computed (coverage.ts).
import type { TcpState } from '../record/tcp-state.ts';

export type Transition = {
  from: TcpState;
  to: TcpState;
  /** What happens and what is sent, in the RFC's words. */
  event: string;
  action?: string;
  /** Why Linux cannot show it, or why it is hard to see: the reason given where no run has witnessed it. */
  hidden?: string;
};

export const transitions: Transition[] = [
  { from: 'CLOSED', to: 'LISTEN', event: 'passive OPEN' },
  { from: 'CLOSED', to: 'SYN-SENT', event: 'active OPEN', action: 'SYN' },
  { from: 'LISTEN', to: 'SYN-RECEIVED', event: 'SYN arrives', action: 'SYN, ACK' },
  {
    from: 'LISTEN',
    to: 'SYN-SENT',
    event: 'SEND',
    action: 'SYN',
    hidden:
      'Linux offers no way: on a listening socket send() fails with EPIPE and connect() with EISCONN (inet_stream_connect in net/ipv4/af_inet.c).',
  },
  { from: 'LISTEN', to: 'CLOSED', event: 'CLOSE' },
  { from: 'SYN-SENT', to: 'CLOSED', event: 'CLOSE' },
  {
    from: 'SYN-SENT',
    to: 'SYN-RECEIVED',
    event: 'SYN arrives',
    action: 'SYN, ACK',
    hidden: 'It needs a simultaneous open: both ends connect() from bound ports and their SYNs cross.',
  },
  { from: 'SYN-SENT', to: 'ESTABLISHED', event: 'SYN, ACK arrives', action: 'ACK' },
  {
    from: 'SYN-RECEIVED',
    to: 'LISTEN',
    event: 'RST arrives',
    hidden:
      'The listener of Linux never leaves LISTEN: the connection in SYN-RECEIVED is an entry of its own, and a RST removes it (tcp_check_req in net/ipv4/tcp_minisocks.c). Witnessed as SYN-RECEIVED → CLOSED upon a RST.',
  },
  { from: 'SYN-RECEIVED', to: 'ESTABLISHED', event: 'ACK of SYN arrives' },
  {
    from: 'SYN-RECEIVED',
    to: 'FIN-WAIT-1',
    event: 'CLOSE',
    action: 'FIN',
    hidden:
      'After a passive open no process holds the connection before it is ESTABLISHED, so that none can close it: it takes a simultaneous open or TCP Fast Open.',
  },
  { from: 'ESTABLISHED', to: 'FIN-WAIT-1', event: 'CLOSE', action: 'FIN' },
  { from: 'ESTABLISHED', to: 'CLOSE-WAIT', event: 'FIN arrives', action: 'ACK' },
  { from: 'FIN-WAIT-1', to: 'FIN-WAIT-2', event: 'ACK of FIN arrives' },
  { from: 'FIN-WAIT-1', to: 'CLOSING', event: 'FIN arrives', action: 'ACK' },
  { from: 'FIN-WAIT-1', to: 'TIME-WAIT', event: 'FIN, ACK of FIN arrives', action: 'ACK' },
  { from: 'FIN-WAIT-2', to: 'TIME-WAIT', event: 'FIN arrives', action: 'ACK' },
  { from: 'CLOSING', to: 'TIME-WAIT', event: 'ACK of FIN arrives' },
  { from: 'CLOSE-WAIT', to: 'LAST-ACK', event: 'CLOSE', action: 'FIN' },
  { from: 'LAST-ACK', to: 'CLOSED', event: 'ACK of FIN arrives' },
  { from: 'TIME-WAIT', to: 'CLOSED', event: '2 MSL pass' },
];

export const keyOf = ({ from, to }: Pick<Transition, 'from' | 'to'>): string => `${from}>${to}`;

/**
 * What went between the two samples that bound a change: the segments that arrived, and whether ss looked again within
 * the length of TIME-WAIT.
 */
export type Surroundings = {
  isOpener: boolean;
  arrived: readonly { flags: string; ack: number }[];
  afterFin?: number;
  /** The own FIN was sent between the two samples. */
  finSent?: boolean;
  /** A connection of a host with itself: no capture shows what was sent and arrived. */
  isOffWire?: boolean;
  span: number;
};

/**
 * Whether a change between two samples can be one transition of Linux, or whether something must have lain in between
 * that nobody saw. To CLOSED lead a RST, a call that aborts, and timers, from any state; but not past a state that what
 * arrived must have led to.
 */
export const isOneTransition = (
  { from, to }: Pick<Transition, 'from' | 'to'>,
  { isOpener, arrived, afterFin = Number.POSITIVE_INFINITY, finSent = false, isOffWire = false, span }: Surroundings,
): boolean => {
  // The listener stays; the connection is an entry of its own from the SYN on (struct request_sock).
  if (from === 'CLOSED' && to === 'SYN-RECEIVED') return true;
  // No process holds it before it is ESTABLISHED, so that none can close it.
  if (from === 'SYN-RECEIVED' && to === 'FIN-WAIT-1') return isOpener;
  if (to !== 'CLOSED') return ofTheRfc.has(keyOf({ from, to })) && !offeredByNone.has(keyOf({ from, to }));
  // A RST or an abort it may have been, but also both FINs.
  if (isOffWire) return !synchronized.has(from);
  const reset = arrived.some(({ flags }) => flags.includes('R'));
  const fin = arrived.some(({ flags }) => flags.includes('F'));
  const acknowledged = arrived.some(({ flags, ack }) => flags.includes('.') && ack >= afterFin);
  if (from === 'ESTABLISHED' || from === 'SYN-RECEIVED') return !fin && !finSent;
  if (from === 'CLOSE-WAIT') return !finSent;
  if (from === 'FIN-WAIT-1' && !reset && (fin || acknowledged))
    return fin && acknowledged && span < timeWaitNanoseconds;
  // The FIN led to TIME-WAIT, and the RST after it ended that.
  if (from === 'FIN-WAIT-2' && fin && reset) return false;
  // No room for a TIME-WAIT socket (tcp_max_tw_buckets): the connection is closed where it would have begun.
  if (from === 'FIN-WAIT-2' || from === 'CLOSING') return !(fin || acknowledged) || span < timeWaitNanoseconds;
  return true;
};

/** Those from which a connection may go on to other states before it is CLOSED. */
const synchronized: ReadonlySet<TcpState> = new Set([
  'SYN-RECEIVED',
  'ESTABLISHED',
  'CLOSE-WAIT',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
]);
const ofTheRfc = new Set(transitions.map(keyOf));
const offeredByNone = new Set(['LISTEN>SYN-SENT', 'SYN-RECEIVED>LISTEN']);
/** TCP_TIMEWAIT_LEN (include/net/tcp.h). */
const timeWaitNanoseconds = 60e9;

// The transitions of a TCP connection as RFC 9293 draws them (section 3.3.2, figure 5), and what Linux makes of each.
// These are facts of the RFC and of the kernel; which of them was witnessed is computed (coverage.ts).
import type { TcpState } from '../../record/tcp-state.ts';

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
 * Whether Linux goes from one state to the other at once. To CLOSED lead a RST, a call that aborts, and timers, from any
 * state.
 */
export const isDrawn = ({ from, to }: Pick<Transition, 'from' | 'to'>): boolean => {
  if (to === 'CLOSED') return true;
  // The listener stays; the connection is an entry of its own from the SYN on (struct request_sock).
  if (from === 'CLOSED' && to === 'SYN-RECEIVED') return true;
  return ofTheRfc.has(keyOf({ from, to })) && !offeredByNone.has(keyOf({ from, to }));
};

const ofTheRfc = new Set(transitions.map(keyOf));
const offeredByNone = new Set(['LISTEN>SYN-SENT', 'SYN-RECEIVED>LISTEN']);

/** Those from which a connection goes on to no other state before it is CLOSED. */
export const lastStates: ReadonlySet<TcpState> = new Set(['LISTEN', 'LAST-ACK', 'TIME-WAIT']);

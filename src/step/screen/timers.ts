// What a kernel timer will do when it fires, and in how long: ss says which timer is armed, the socket's state what it is for.
import { type HostName, hostsIn } from '../../record/hosts.ts';
import type { SocketRow } from '../../record/samples.ts';
import { spanMs } from '../../report/words/units.ts';

export type Expiry = { host: HostName; inMs: number; words: string };

/** The timers armed on all hosts, soonest first. `ages` is how long ago ss looked, in milliseconds. */
export const expiries = (rows: Record<HostName, SocketRow[]>, ages: Record<HostName, number>): Expiry[] =>
  hostsIn(rows)
    .flatMap((host) =>
      rows[host].flatMap((row) => {
        const inMs = remaining(row, ages[host]);
        const words = timerWords(row, ages[host]);
        return inMs === undefined || words === undefined ? [] : [{ host, inMs, words }];
      }),
    )
    .sort((a, b) => a.inMs - b.inMs);

/** `retransmits in 180 ms`, and which time in a row that will be; undefined where no timer is armed. */
export const timerWords = (row: SocketRow, age: number): string | undefined => {
  const inMs = remaining(row, age);
  if (inMs === undefined || !row.timer) return undefined;
  const { retransmits } = row.timer;
  const times = retransmits > 0 ? ` (${ordinal(retransmits + 1)} time)` : '';
  return `${effect(row)} ${inMs > 0 ? `in ${spanMs(inMs)}` : 'now'}${times}`;
};

const ordinal = (number: number): string => {
  const isTeen = number % 100 > 10 && number % 100 < 14;
  return `${number}${(!isTeen && ['th', 'st', 'nd', 'rd'][number % 10]) || 'th'}`;
};

const remaining = ({ timer }: SocketRow, age: number): number | undefined =>
  timer && Math.max(0, timer.expiresMs - age);

const effect = ({ timer, state, inode }: SocketRow): string => {
  switch (timer?.name) {
    case 'on':
      return state === 'SYN-SENT' || state === 'SYN-RECEIVED' ? 'resends SYN' : 'retransmits';
    case 'persist':
      return 'probes the window';
    case 'timewait':
      return `leaves ${state}`;
    case 'keepalive':
      // An orphan in FIN-WAIT-2 has the keepalive timer count its time (net/ipv4/tcp_timer.c, tcp_keepalive_timer).
      return state === 'FIN-WAIT-2' && inode === 0 ? 'leaves FIN-WAIT-2' : 'sends a keepalive probe';
    default:
      return 'has a timer that fires';
  }
};

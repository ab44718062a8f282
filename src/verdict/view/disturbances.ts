// What may have changed a host's sockets: a segment it sent or was given, a call, the end of a process. A sample of ss
// tells how a socket is for as long as none of these comes after it.

import type { HostName } from '../../record/hosts.ts';
import type { SocketRow } from '../../record/samples.ts';
import type { CallEvent, Connection, SegmentEvent } from '../../timeline/schema.ts';
import type { RunIndex } from './run-index.ts';

/** Something that may have changed a socket, and when at the latest it did so (ns since the start of the run). */
export type Disturbance = { at: number; what: string };

/**
 * `stateAlone`: what leaves the state as it is does not count: of the segments the socket sends only SYN, FIN and RST
 * go with a change of its state (RFC 9293, section 3.3.2), and what is sent once more goes with none. An ACK that
 * follows one follows an arrival.
 */
export type Subject = { host: HostName; connection?: Connection; stateAlone?: boolean };

/** What may have changed one end of a connection, or any socket of the host, strictly between two moments. In no order. */
export const disturbances = (
  index: RunIndex,
  { host, connection, stateAlone }: Subject,
  after: number,
  before: number,
): Disturbance[] => {
  const isWithin = ({ at }: Disturbance) => at > after && at < before;
  const { sent, received } = connection ? index.traffic(host, connection) : index.allTraffic[host];
  const holders = connection && index.holders(host, connection.number);
  const isHolder = (process: string) => !holders || holders.size === 0 || holders.has(process);
  return [
    ...sent
      .filter(({ role, flags }) => !stateAlone || (!role && /[SFR]/.test(flags)))
      .map((segment) => disturbance(segment, segment.sentAt, 'was sent')),
    ...received.map((segment) => disturbance(segment, segment.receivedAt, 'arrived')),
    ...index.calls[host].filter((call) => mayChange(call, connection, isHolder)).flatMap(edgesOf),
    ...index.exits[host]
      .filter(({ process }) => isHolder(process))
      .map(({ at, process }) => ({ at, what: `the process ${process} ended` })),
  ].filter(isWithin);
};

/**
 * When the timer of a row runs out at the earliest. ss prints times of 10 s and more in whole seconds (print_ms_timer,
 * iproute2 misc/ss.c).
 */
export const timerEnd = ({ timer }: SocketRow, sampled: number): Disturbance | undefined => {
  if (!timer) return undefined;
  const milliseconds = timer.expiresMs < 10_000 ? timer.expiresMs : timer.expiresMs - 1000;
  return { at: sampled + milliseconds * 1e6, what: `its timer '${timer.name}' ran out` };
};

const disturbance = ({ text }: SegmentEvent, at: number | undefined, what: string): Disturbance => ({
  at: at ?? Number.NaN,
  what: `${text} ${what}`,
});

/** A call does its work between its begin and its return, and one that blocks may do so until then. */
const edgesOf = ({ api, process, at, returned }: CallEvent): Disturbance[] => [
  { at, what: `${api}() was called in ${process}` },
  ...(returned ? [{ at: returned.at, what: `${api}() returned in ${process}` }] : []),
];

/** Of a connection: the calls on it, those of a holder that are on no connection known, and what is done to its holder. */
const mayChange = (
  { api, via, process, connection }: CallEvent,
  wanted: Connection | undefined,
  isHolder: (process: string) => boolean,
): boolean => {
  if (via === 'host' || harmless.has(api)) return false;
  if (!wanted || connection === wanted.number) return true;
  return via === 'process' && endings.has(api) && isHolder(process);
};

/** Calls that only ask, or tell the program's own side something. */
const harmless = new Set([
  'getsockopt',
  'socket',
  'dup',
  'nonblock',
  'react',
  'setTimeout',
  'input',
  'endInput',
  'freeze',
]);
const endings = new Set(['kill', 'exit', 'crash']);

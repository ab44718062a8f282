// What ss shows of the sockets of a host: rows, samples, and the sockets that `ss -E` reports when the kernel destroys them.
import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { hostName } from './hosts.ts';
import { tcpState } from './tcp-state.ts';

/**
 * A kernel timer as ss prints it: `timer:(on,1.2sec,3)`. `expiresMs` counts from the sample; what was left is that, or
 * more by less than `resolutionMs`, for ss leaves out the milliseconds from 10 s on and the seconds from 10 minutes on.
 */
export const socketTimer = z.object({
  name: z.enum(['on', 'keepalive', 'timewait', 'persist', 'unknown']),
  expiresMs: z.number(),
  resolutionMs: z.number(),
  retransmits: z.number(),
});
export type SocketTimer = z.infer<typeof socketTimer>;

/** One row of ss, decoded. `raw` keeps the words ss used. */
export const socketRow = z.object({
  state: tcpState,
  recvQ: z.number(),
  sendQ: z.number(),
  local: endpoint,
  /** The peer; port 0 for a listener. */
  peer: endpoint,
  /** 0 when no process holds the socket (SYN-RECEIVED, an orphan, TIME-WAIT). */
  inode: z.number(),
  /** The kernel's cookie, the identity of a socket for as long as it lives. Empty where ss prints none. */
  cookie: z.string(),
  timer: socketTimer.optional(),
  /** `-i` and `-m` as ss printed them, key by key: cwnd, rto, rtt, bytes_acked, retrans, skmem … Flags have the value `true`. */
  info: z.record(z.string(), z.union([z.string(), z.literal(true)])),
  raw: z.string(),
});
export type SocketRow = z.infer<typeof socketRow>;

/** All TCP sockets of one host at one moment, as ss saw them between `begin` and `end`. */
export const sample = z.object({
  id: z.string().regex(/^s\d+$/),
  host: hostName,
  /** Nanoseconds since the start of the run. */
  begin: z.number(),
  end: z.number(),
  /** Why it was taken: `before frame 3`, `after frame 3`, `step 4`, `watch`. */
  reason: z.string(),
  /** False when ss failed: then nothing may be concluded from the absence of a row. */
  ok: z.boolean(),
  rows: z.array(socketRow),
});
export type Sample = z.infer<typeof sample>;

/** A full socket the kernel destroyed, as `ss -E` reported it. One in TIME-WAIT or SYN-RECEIVED is no full socket. */
export const destroyedSocket = z.object({
  id: z.string().regex(/^d\d+$/),
  host: hostName,
  /** When its report was read, nanoseconds since the start of the run: it had been destroyed by then. */
  at: z.number(),
  connection: z.number().optional(),
  local: endpoint,
  /** Port 0 for a listener, and for a socket that was only bound. */
  peer: endpoint,
  /** The same as in the socket's rows. */
  cookie: z.string(),
  /** Its last counters as ss printed them, key by key: bytes_acked, bytes_received, segs_out, segs_in, retrans … */
  info: z.record(z.string(), z.union([z.string(), z.literal(true)])),
  raw: z.string(),
});
export type DestroyedSocket = z.infer<typeof destroyedSocket>;

// Sockets that pace: that spread what they send over time.
import type { SocketRow } from '../../record/samples.ts';

/** ss names a bound of SO_MAX_PACING_RATE after the rate: `240000bps/240000bps`. */
export const doesPace = (info: SocketRow['info']): boolean =>
  info.bbr !== undefined || String(info.pacing_rate).includes('/');

/** Whether it paces by now: from the tenth segment with data on (tcp_update_skb_after_send(), net/ipv4/tcp_output.c). */
export const paces = (info: SocketRow['info']): boolean => doesPace(info) && Number(info.data_segs_out) >= 10;

/**
 * Nanoseconds a socket that paces waits at most when it has sent so many bytes with their headers; NaN where ss shows no rate.
 * bbr lowers its rate to 0.35 of the bandwidth at least, while it drains a queue (bbr_drain_gain, net/ipv4/tcp_bbr.c).
 */
export const longestPause = (info: SocketRow['info'], bytes: number): number =>
  scheduling + (slowest * bytes * 8 * 1e9) / Number.parseFloat(String(info.pacing_rate));

const slowest = 4;
/** What a paced segment may be late by on a busy machine (ns). */
const scheduling = 10e6;

/** Bytes of Ethernet, IP and TCP headers, at most. */
export const headers = 134;

// Probes: segments that ask the other side for an ACK, of keepalive or of a closed window.
import { type Counted, countedEarly } from '../reading/counted.ts';
import type { Sightings } from '../reading/sightings.ts';
import type { SegmentEvent } from '../schema.ts';
import { isPlain } from './segment-flags.ts';
import type { Numbers } from './sent-numbers.ts';

/** What else tells a probe of one kind from one of the other. */
export type Witnesses = { sightings: Sightings; counted: Counted };

/**
 * Both kinds of probe bear the sequence number before the first unacknowledged one, and no data or one byte of it
 * (RFC 9293, section 3.8.4; Linux tcp_xmit_probe_skb sends none for either).
 */
export const isProbe = (event: SegmentEvent, { acknowledged, next }: Numbers) =>
  isPlain(event) &&
  event.length <= 1 &&
  acknowledged !== undefined &&
  acknowledged > 0 &&
  event.seq === acknowledged - 1 &&
  event.seq < (next ?? 0);

/**
 * Which of the two a probe is. The kernel counts both (tcp_xmit_probe_skb()), so that where it has counted neither it is
 * none; where both between two readings, or nobody read, the timer that ss last showed tells, and else whether the
 * other's window was closed.
 */
export const probeOf = (
  { from, source, destination, at }: SegmentEvent,
  { peerWindow, previousSent }: Numbers,
  { sightings, counted }: Witnesses,
): SegmentEvent['role'] => {
  const [ofWindow, ofKeepalive] = ['TcpExt.TCPWinProbe', 'TcpExt.TCPKeepAlive'].map((name) =>
    counted.rise(from, name, at - countedEarly, at),
  ) as [number | undefined, number | undefined];
  if (ofWindow === 0 && ofKeepalive === 0) return undefined;
  const isCounted = ofWindow !== undefined && ofKeepalive !== undefined;
  if (isCounted && ofWindow > 0 !== ofKeepalive > 0) return ofWindow > 0 ? 'window-probe' : 'keepalive-probe';
  const shown = sightings.last(from, source, destination, at);
  const armed = shown && shown.sample.begin > (previousSent?.event.at ?? 0) ? shown.row.timer?.name : undefined;
  if (armed === 'persist' || armed === 'keepalive') return armed === 'persist' ? 'window-probe' : 'keepalive-probe';
  return peerWindow === 0 ? 'window-probe' : 'keepalive-probe';
};

// tcpdump counts the packets it writes: its capture holds as many.

import type { Gap } from '../../record/gap.ts';
import { type HostName, hostsIn } from '../../record/hosts.ts';
import type { CaptureEnd } from '../evidence.ts';
import type { HostCapture } from '../reading/captures.ts';
import { count } from './count.ts';

/**
 * tcpdump raises its count as it writes a packet (dump_packet() in tcpdump.c), so the two are equal, whenever its end
 * began. That it gave no counts is a gap of its own.
 */
export const captureCounts = (
  captures: Record<HostName, Pick<HostCapture, 'packets'>>,
  ends: Partial<Record<HostName, CaptureEnd>>,
): Gap[] =>
  hostsIn(captures).flatMap((host) => {
    const { packets } = captures[host];
    const captured = ends[host]?.captured ?? packets;
    if (packets === captured) return [];
    const reason = `${host}.pcap holds ${count(packets, 'packet')}, and tcpdump counted ${captured}`;
    return [{ witness: 'tcpdump' as const, host, reason }];
  });

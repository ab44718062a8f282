// Matches the packets tcpdump saw on a host with the frames the wire took from it and gave to it.
// The k-th packet a host sent is the k-th frame read from it, and likewise for what it received; the SHA-1 of the frame proves it.
import { hash } from 'node:crypto';
import { readMac } from '../packet/ethernet.ts';
import { type CapturedPacket, readPcap } from '../packet/pcap.ts';
import { addressOf } from '../lab/addresses.ts';
import type { CaptureEnd } from './evidence.ts';
import type { WireFrame, WireLog } from './frames.ts';
import type { Gap, HostName } from './schema.ts';

/** A packet and the frame it is a copy of; no frame where the wire's log knows none. */
export type MatchedPacket = { packet: CapturedPacket; frame?: WireFrame };

export type HostCapture = {
  packets: number;
  sent: MatchedPacket[];
  received: MatchedPacket[];
  gaps: Gap[];
};

/** Read a host's capture and match it with the wire's log. Whatever does not fit becomes a gap. */
export const matchCapture = (host: HostName, bytes: Uint8Array, end: CaptureEnd | undefined, log: WireLog): HostCapture => {
  const { packets, damage } = readPcap(bytes);
  const gaps: Gap[] = [];
  const note = (reason: string) => gaps.push({ witness: 'tcpdump', host, reason });
  if (damage) note(`${host}.pcap is damaged from byte ${damage.offset} on: ${damage.reason}`);
  if (!end) note('tcpdump never said how many packets it had missed');
  else if (end.droppedByKernel > 0) note(`the kernel dropped ${count(end.droppedByKernel, 'packet')} before tcpdump could read them`);

  const own = addressOf[host].mac;
  const sent = match(packets.filter(({ data }) => readMac(data, 6) === own), log.sent[host]);
  const received = match(packets.filter(({ data }) => readMac(data, 6) !== own), log.received[host]);
  if (sent.missing > 0) note(`${count(sent.missing, 'frame')} that the host sent cannot be found in ${host}.pcap`);
  if (received.missing > 0) note(`${count(received.missing, 'frame')} that the host was given cannot be found in ${host}.pcap`);
  const strange = sent.strange + received.strange;
  if (strange > 0) gaps.push({ witness: 'wire', host, reason: `${count(strange, 'packet')} of ${host}.pcap cannot be found in the wire's log` });
  return { packets: packets.length, sent: sent.matched, received: received.matched, gaps };
};

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;

/** The first 16 hexadecimal digits of a frame's SHA-1. */
const digestOf = (frame: Uint8Array): string => hash('sha1', frame, 'hex').slice(0, 16);

/** Packets and frames in the same order. Where one of them lacks some, the digest finds the next frame that fits. */
const match = (packets: CapturedPacket[], frames: WireFrame[]) => {
  const matched: MatchedPacket[] = [];
  const taken = new Set<WireFrame>();
  let next = 0;
  let elsewhere: Map<string, WireFrame[]> | undefined;
  let strange = 0;
  for (const packet of packets) {
    const digest = digestOf(packet.data);
    while (next < frames.length && taken.has(frames[next] as WireFrame)) next++;
    let frame = frames[next];
    if (frame?.digest !== digest) {
      elsewhere ??= byDigest(frames);
      frame = nextUntaken(elsewhere.get(digest), taken);
    }
    if (frame) {
      taken.add(frame);
      matched.push({ packet, frame });
    } else {
      strange++;
      matched.push({ packet });
    }
  }
  return { matched, strange, missing: frames.length - taken.size };
};

const byDigest = (frames: WireFrame[]) => Map.groupBy(frames, ({ digest }) => digest);

/** Takes from the front of the list, so that each frame is looked at once. */
const nextUntaken = (frames: WireFrame[] | undefined, taken: Set<WireFrame>) => {
  while (frames && frames.length > 0) {
    const frame = frames.shift() as WireFrame;
    if (!taken.has(frame)) return frame;
  }
  return undefined;
};

// Matches the packets tcpdump saw on a host with the frames the wire took from it and gave to it. The k-th packet a
// host sent is the k-th frame read from it, and likewise for what it received; the SHA-1 of the frame proves it, or,
// where the frame was longer than tcpdump keeps (`-s`), its length and the SHA-1 of its beginning: all headers and much
// of the payload.

import { hash } from 'node:crypto';
import { type CapturedPacket, type Damage, readPcap } from '../../packet/pcap.ts';
import type { Gap } from '../../record/gap.ts';
import { addressOf, type HostName, hostsIn, perHost } from '../../record/hosts.ts';
import { itemAt } from '../../record/item-at.ts';
import type { CaptureEnd } from '../evidence.ts';
import type { WireFrame, WireLog } from './frames.ts';

/** Packets of one direction: those that are copies of a frame the wire's log knows, and the others. */
export type MatchedPackets = { copies: Map<WireFrame, CapturedPacket>; strange: CapturedPacket[] };

export type HostCapture = {
  packets: number;
  sent: MatchedPackets;
  received: MatchedPackets;
  gaps: Gap[];
};

/** Read the captures and match them with the wire's log. Whatever does not fit becomes a gap. */
export const matchCaptures = (
  files: Record<HostName, Uint8Array>,
  ends: Partial<Record<HostName, CaptureEnd>>,
  log: WireLog,
): Record<HostName, HostCapture> => {
  const hosts = hostsIn(files);
  const read = perHost((host) => readPcap(files[host]), hosts);
  const sentBy = (host: HostName) => match(read[host].packets.filter(isSentBy(host)), log.sent[host]);
  const sent = perHost(sentBy, hosts);
  const capture = (host: HostName): HostCapture => {
    const { packets, damage } = read[host];
    const isSent = isSentBy(host);
    const arrived = packets.filter((packet) => !isSent(packet));
    const received = match(arrived, log.received[host], (frame) => sent[frame.from].copies.get(frame));
    const gaps = describeGaps(host, damage, ends[host], log, { sent: sent[host], received });
    return { packets: packets.length, sent: sent[host], received, gaps };
  };
  return perHost(capture, hosts);
};

/** Whether a packet bears the host's address as its source. */
const isSentBy = (host: HostName) => {
  const mac = addressOf[host].mac.split(':').map((byte) => Number.parseInt(byte, 16));
  return ({ data }: CapturedPacket): boolean => mac.every((byte, index) => data[6 + index] === byte);
};

const describeGaps = (
  host: HostName,
  damage: Damage | undefined,
  end: CaptureEnd | undefined,
  log: WireLog,
  { sent, received }: Pick<HostCapture, 'sent' | 'received'>,
): Gap[] => {
  const { asked = Number.POSITIVE_INFINITY } = end ?? {};
  const unsent = log.sent[host].filter((frame) => !sent.copies.has(frame) && frame.at < asked).length;
  const unreceived = log.received[host].filter(
    (frame) => !received.copies.has(frame) && (frame.delivered?.t ?? 0) < asked,
  ).length;
  const strange = sent.strange.length + received.strange.length;
  const gap = (witness: Gap['witness'], is: unknown, reason: string): Gap[] => (is ? [{ witness, host, reason }] : []);
  const dropped = end?.droppedByKernel ?? 0;
  return [
    ...gap('tcpdump', damage, `${host}.pcap is damaged from byte ${damage?.offset} on: ${damage?.reason}`),
    ...gap('tcpdump', !end, 'tcpdump never said how many packets it had missed'),
    ...gap('tcpdump', dropped, `the kernel dropped ${count(dropped, 'packet')} before tcpdump could read them`),
    ...gap('tcpdump', unsent, `${count(unsent, 'frame')} that the host sent cannot be found in ${host}.pcap`),
    ...gap(
      'tcpdump',
      unreceived,
      `${count(unreceived, 'frame')} that the host was given cannot be found in ${host}.pcap`,
    ),
    ...gap('wire', strange, `${count(strange, 'packet')} of ${host}.pcap cannot be found in the wire's log`),
  ];
};

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;

/** The first 16 hexadecimal digits of a frame's SHA-1. */
export const digestOf = (frame: Uint8Array): string => hash('sha1', frame, 'hex').slice(0, 16);

/**
 * Packets and frames in the same order. Where one of them lacks some, the digest finds the next frame that fits.
 * The sender's copy has been proved by its digest: comparing bytes with it is quicker than another SHA-1.
 */
const match = (
  packets: CapturedPacket[],
  frames: WireFrame[],
  proved: (frame: WireFrame) => CapturedPacket | undefined = () => undefined,
): MatchedPackets => {
  const copies = new Map<WireFrame, CapturedPacket>();
  const strange: CapturedPacket[] = [];
  let next = 0;
  let elsewhere: Map<string, WireFrame[]> | undefined;
  for (const packet of packets) {
    while (next < frames.length && copies.has(itemAt(frames, next))) next++;
    let frame = frames[next];
    const twin = frame && proved(frame);
    if (!twin || !isSame(twin, packet)) {
      if (isCut(packet)) {
        if (!frame || !isHeadOf(packet, frame)) frame = frames.find((one) => !copies.has(one) && isHeadOf(packet, one));
      } else {
        const digest = digestOf(packet.data);
        if (frame?.digest !== digest) {
          elsewhere ??= byDigest(frames);
          frame = nextWithoutCopy(elsewhere.get(digest), copies);
        }
      }
    }
    if (frame) copies.set(frame, packet);
    else strange.push(packet);
  }
  return { copies, strange };
};

const byDigest = (frames: WireFrame[]) => Map.groupBy(frames.toReversed(), ({ digest }) => digest);

const isSame = (a: CapturedPacket, b: CapturedPacket) =>
  a.originalLength === b.originalLength && Buffer.compare(a.data, b.data) === 0;

/** Whether the capture keeps less of the packet than there was. */
export const isCut = ({ data, originalLength }: CapturedPacket): boolean => data.length < originalLength;

/** Whether a packet that was cut is the beginning of a frame. */
const isHeadOf = ({ data, originalLength }: CapturedPacket, { bytes, head, made }: WireFrame): boolean => {
  if (bytes !== originalLength) return false;
  if (made) return Buffer.compare(Buffer.from(made.data, 'base64').subarray(0, data.length), data) === 0;
  return head?.bytes === data.length && head.digest === digestOf(data);
};

/** Takes from the list, so that each frame is looked at once. The earliest frame stands last. */
const nextWithoutCopy = (frames: WireFrame[] | undefined, copies: Map<WireFrame, CapturedPacket>) => {
  while (frames && frames.length > 0) {
    const frame = frames.pop() as WireFrame;
    if (!copies.has(frame)) return frame;
  }
  return undefined;
};

// The capture of a loopback device as two hosts and a wire would have written it: each packet passed once, and left its
// sender and reached its receiver at that moment.
import { writeMac } from '../../packet/ethernet.ts';
import { decodeFrame } from '../../packet/frame.ts';
import type { CapturedPacket } from '../../packet/pcap.ts';
import type { Endpoint } from '../../record/endpoint.ts';
import { addressOf, type HostName, otherOfTwo } from '../../record/hosts.ts';
import type { WireRecord } from '../../record/wire-records.ts';
import { digestOf, isCut } from '../reading/captures.ts';
import type { Ends } from './ends.ts';

/**
 * `packets` are those read from `file`. `file`: the same with the link addresses of the ends, of which a loopback device
 * has none. `timeOf` gives CLOCK_MONOTONIC (ns).
 */
export const splitCapture = (
  file: Uint8Array,
  packets: readonly CapturedPacket[],
  ends: Ends,
  timeOf: (packet: CapturedPacket) => number,
): { file: Uint8Array; wire: WireRecord[] } => {
  const copy = Uint8Array.from(file);
  const wire = packets.flatMap((packet): WireRecord[] => {
    const { index: frame, data, originalLength } = packet;
    const own = copy.subarray(data.byteOffset - file.byteOffset).subarray(0, data.length);
    const from = senderOf(data, ends);
    const to = otherOfTwo(from);
    writeMac(own, 0, addressOf[to].mac);
    writeMac(own, 6, addressOf[from].mac);
    const digest = digestOf(own);
    const head = isCut(packet) && { head: { bytes: data.length, digest } };
    const t = timeOf(packet);
    return [
      { type: 'read', t, frame, from, bytes: originalLength, digest, ...head },
      { type: 'deliver', t, done: t, frame, to },
    ];
  });
  return { file: copy, wire };
};

const senderOf = (frame: Uint8Array, ends: Ends): HostName => {
  const segment = decodeFrame(frame);
  if (!segment) return 'client';
  const source: Endpoint = { address: segment.sourceAddress, port: segment.sourcePort };
  return ends.at(source, { address: segment.destinationAddress, port: segment.destinationPort });
};

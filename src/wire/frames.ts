// The frames of a run: each has a number, and is written down when a host has sent it or the wire has made it.
import { hash } from 'node:crypto';
import { readMac } from '../packet/ethernet.ts';
import { now } from '../record/clock.ts';
import { type HostName, peerWith } from '../record/hosts.ts';
import { snapLength } from '../record/snap-length.ts';
import type { WireRecord } from '../record/wire-records.ts';
import { createReader, type WireSegment } from './segment.ts';

export type Frame = {
  number: number;
  from: HostName;
  to: HostName;
  bytes: Buffer;
  /** Where it holds a TCP segment. */
  segment?: WireSegment;
  /** A rule has delayed it: no other does. */
  delayed?: true;
  /** The wire has made it, or let it go: no rule applies. */
  made?: true;
};

type Origin = { from: HostName; kind: 'duplicate' | 'replay' | 'inject'; operation: number; of?: number };

export type Frames = {
  /** Number and decode what a host has sent. */
  take(from: HostName, bytes: Buffer): Frame;
  /** Write it down. `t` is when its sidecar read it (CLOCK_MONOTONIC, ns). */
  recordRead(frame: Frame, t: number): void;
  /** Make a frame, and write it down. */
  make(bytes: Buffer, origin: Origin): Frame;
  /** A frame of the run by its number. */
  find(number: number): Frame | undefined;
  /** How many there have been. */
  count(): number;
  reader: ReturnType<typeof createReader>;
};

export const createFrames = (record: (line: WireRecord) => void, hosts: readonly HostName[]): Frames => {
  const reader = createReader();
  const frames = new Map<number, Frame>();
  let last = 0;
  const receiverOf = (from: HostName, bytes: Buffer) => peerWith(from, readMac(bytes, 0), hosts);
  const add = (frame: Frame): Frame => {
    frames.set(frame.number, frame);
    return frame;
  };
  return {
    take: (from, bytes) => {
      const number = ++last;
      return add({ number, from, to: receiverOf(from, bytes), bytes, segment: reader.read(bytes, number) });
    },
    recordRead: ({ number, from, bytes }, t) =>
      record({
        type: 'read',
        t,
        frame: number,
        from,
        bytes: bytes.length,
        digest: digest(bytes),
        ...(bytes.length > snapLength && {
          head: { bytes: snapLength, digest: digest(bytes.subarray(0, snapLength)) },
        }),
      }),
    make: (bytes, { from, kind, operation, of }) => {
      const number = ++last;
      const segment = reader.read(bytes, number, true);
      const frame = add({ number, from, to: receiverOf(from, bytes), bytes, segment, made: true });
      record({
        type: 'make',
        t: now(),
        frame: number,
        origin: kind,
        of,
        from,
        operation,
        digest: digest(bytes),
        data: bytes.toString('base64'),
      });
      return frame;
    },
    find: (number) => frames.get(number),
    count: () => last,
    reader,
  };
};

const digest = (bytes: Uint8Array) => hash('sha1', bytes, 'hex').slice(0, 16);

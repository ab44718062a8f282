// What the wire's log tells of each frame: where it came from, what became of it, and when.

import { type HostName, perHost } from '../../record/hosts.ts';
import type { WireRecord } from '../../record/wire-records.ts';

/** A frame as wire.ndjson describes it; times are CLOCK_MONOTONIC in nanoseconds. */
export type WireFrame = {
  number: number;
  /** The host that sent it, or whose address a frame made by the wire bears. */
  from: HostName;
  digest: string;
  /** Its length. */
  bytes: number;
  /** The digest of its first bytes alone, where it is longer than the captures keep. */
  head?: { bytes: number; digest: string };
  /** When the wire read it from the sender, or made it. */
  at: number;
  made?: Extract<WireRecord, { type: 'make' }>;
  /** `t` before it was written to the receiver's TAP, `done` when the kernel had processed it. */
  delivered?: { t: number; done: number; to: HostName };
  dropped: boolean;
  /** It was lost because the receiving host's link was down. */
  linkDown?: true;
  /** Nanoseconds for which the script had the wire keep it: what a delay asked for, and from a hold to its release. */
  keptByScript: number;
  /** When the script let it go for good. */
  keptUntil?: number;
  heldAt?: number;
};

/** What the wire did, in the order it did it. */
export type WireLog = {
  frames: Map<number, WireFrame>;
  /** The frames each host sent, in order. */
  sent: Record<HostName, WireFrame[]>;
  /** The frames each host was given, in order. */
  received: Record<HostName, WireFrame[]>;
};

/** Gather the records of wire.ndjson by frame. Records about a frame that was never read (a damaged log) are left out. */
export const gatherFrames = (records: WireRecord[]): WireLog => {
  const log: WireLog = { frames: new Map(), sent: perHost(() => []), received: perHost(() => []) };
  for (const record of records) {
    if (record.type === 'read' || record.type === 'make') begin(log, record);
    else if (record.type !== 'operation') proceed(log, record);
  }
  return log;
};

type Begin = Extract<WireRecord, { type: 'read' | 'make' }>;
type Proceed = Exclude<WireRecord, Begin | { type: 'operation' }>;

const begin = ({ frames, sent }: WireLog, record: Begin) => {
  const { frame: number, from, digest, t } = record;
  const bytes = record.type === 'read' ? record.bytes : Buffer.byteLength(record.data, 'base64');
  const frame: WireFrame = { number, from, digest, bytes, at: t, dropped: false, keptByScript: 0 };
  frames.set(number, frame);
  if (record.type === 'make') frame.made = record;
  else {
    if (record.head) frame.head = record.head;
    sent[from].push(frame);
  }
};

const proceed = ({ frames, received }: WireLog, record: Proceed) => {
  const frame = frames.get(record.frame);
  if (!frame) return;
  if (record.type === 'drop') {
    frame.dropped = true;
    if (record.reason) frame.linkDown = true;
  }
  if (record.type === 'delay') keep(frame, record.t, record.t + record.milliseconds * 1e6);
  if (record.type === 'hold') frame.heldAt = record.t;
  if (record.type === 'release') keep(frame, frame.heldAt ?? record.t, record.t);
  if (record.type !== 'deliver') return;
  frame.delivered = { t: record.t, done: record.done, to: record.to };
  received[record.to].push(frame);
};

const keep = (frame: WireFrame, from: number, until: number) => {
  frame.keptByScript += until - from;
  frame.keptUntil = until;
};

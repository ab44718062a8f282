// Makes one event of the two copies of each segment: sender's capture, receiver's capture, and the wire's word on its fate.

import type { PlacedSegment, Connection as TrackedConnection } from '../../packet/choose-connection.ts';
import { type ConnectionTracker, trackConnections } from '../../packet/connections.ts';
import { readMac } from '../../packet/ethernet.ts';
import { decodeFrame } from '../../packet/frame.ts';
import { notation } from '../../packet/notation.ts';
import type { CapturedPacket } from '../../packet/pcap.ts';
import type { Segment } from '../../packet/segment.ts';
import { type HostName, hostsIn, otherWith } from '../../record/hosts.ts';
import { type Draft, noId } from '../draft.ts';
import type { Moments } from '../moments.ts';
import { type HostCapture, isCut } from '../reading/captures.ts';
import type { Clock } from '../reading/clock.ts';
import type { WireFrame, WireLog } from '../reading/frames.ts';
import type { Connection, SegmentEvent } from '../schema.ts';

/** A segment's event, and when the receiving kernel had processed it (nanoseconds since the start of the run). */
export type SegmentDraft = Draft<SegmentEvent> & { handledAt?: number; operation?: number };

export type Segments = { drafts: SegmentDraft[]; connections: Connection[] };

/** One event per frame that holds a TCP segment, sorted by time, with sequence numbers relative to its connection. */
export const joinSegments = (
  log: WireLog,
  captures: Record<HostName, HostCapture>,
  clock: Clock,
  moments: Moments,
): Segments => {
  const copies = gatherCopies(log, captures, clock);
  copies.sort((a, b) => a.at - b.at);

  const tracker = trackConnections();
  const begins = new Map<TrackedConnection, number>();
  const byFrame = new Map<number, SegmentDraft>();
  const drafts: SegmentDraft[] = [];
  for (const copy of copies) {
    const segment = decodeFrame(copy.bytes);
    if (!segment) continue;
    const placed = tracker.place(segment, copy.frame?.made !== undefined);
    if (!begins.has(placed.connection)) begins.set(placed.connection, copy.at);
    const draft = describe(copy, segment, placed, clock, moments);
    if (copy.frame) byFrame.set(copy.frame.number, draft);
    const { made } = copy.frame ?? {};
    if (made?.of !== undefined) draft.copyOf = byFrame.get(made.of);
    drafts.push(draft);
  }
  return { drafts, connections: describeConnections(tracker, begins) };
};

/** All there is of one frame: at least one copy, or the bytes the wire made it from. */
type Copies = {
  frame?: WireFrame;
  from: HostName;
  sent?: CapturedPacket;
  received?: CapturedPacket;
  bytes: Uint8Array;
  at: number;
};

const gatherCopies = (log: WireLog, captures: Record<HostName, HostCapture>, clock: Clock): Copies[] => {
  const all: Copies[] = [];
  for (const frame of log.frames.values()) {
    const { from, delivered, made } = frame;
    const sent = captures[from].sent.copies.get(frame);
    const received = delivered && captures[delivered.to].received.copies.get(frame);
    const bytes = sent?.data ?? received?.data ?? (made && Buffer.from(made.data, 'base64'));
    if (bytes)
      all.push({ frame, from, sent, received, bytes, at: sent ? timeOf(sent, clock) : clock.fromMonotonic(frame.at) });
  }
  return [...all, ...hostsIn(captures).flatMap((from) => joinStrange(from, captures, clock))];
};

/** Where the wire's log is damaged: packets of a sender and of its receiver are joined in order, as far as they are the same. */
const joinStrange = (from: HostName, captures: Record<HostName, HostCapture>, clock: Clock): Copies[] => {
  const alone = (packet: CapturedPacket): Copies => ({ from, bytes: packet.data, at: timeOf(packet, clock) });
  const sent = captures[from].sent.strange.map((packet): Copies => ({ ...alone(packet), sent: packet }));
  const waiting = Map.groupBy(sent.toReversed(), ({ bytes }) => contentOf(bytes));
  const others = hostsIn(captures).filter((host) => host !== from);
  const strange = others.flatMap((host) => captures[host].received.strange);
  const received = strange.flatMap((packet): Copies[] => {
    const copy = waiting.get(contentOf(packet.data))?.pop();
    if (!copy) return [{ ...alone(packet), received: packet }];
    copy.received = packet;
    return [];
  });
  return [...sent, ...received];
};

const contentOf = ({ buffer, byteOffset, length }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, length).toString('latin1');

const timeOf = ({ seconds, nanoseconds }: CapturedPacket, clock: Clock) => clock.fromCapture(seconds, nanoseconds);

const describe = (
  { frame, from, sent, received, bytes, at }: Copies,
  segment: Segment,
  { connection, source, destination, seq, ack }: PlacedSegment,
  clock: Clock,
  moments: Moments,
): SegmentDraft => {
  const { flags, length } = segment;
  const t = at - clock.fromMonotonic(0);
  const event: SegmentEvent = {
    id: noId,
    at,
    step: moments.stepAt(t),
    kind: 'segment',
    from,
    to: frame?.delivered?.to ?? otherWith(from, readMac(bytes, 0)),
    connection: connection.number,
    source,
    destination,
    flags,
    seq,
    ack,
    length,
    window: segment.window,
    options: segment.options,
    absolute: { seq: segment.seq, ack: segment.ack },
    ...(isWhole([sent, received]) && { checksumOk: segment.checksumOk }),
    text: notation({ flags, seq, ack, length }),
    fate: fateOf(frame, received),
    origin: frame?.made?.origin ?? 'host',
    frame: frame?.number ?? 0,
    packet: {},
  };
  const stage = moments.stageAt(t);
  if (stage !== undefined) event.stage = stage;
  if (frame?.linkDown) event.linkDown = true;
  if (length > 0) event.payload = hexadecimal(segment.payload);
  const draft: SegmentDraft = { event };
  if (frame?.made?.operation !== undefined) draft.operation = frame.made.operation;
  if (sent) {
    event.sentAt = at;
    event.packet[from] = sent.index;
  }
  if (received) {
    event.receivedAt = timeOf(received, clock);
    event.packet[event.to] = received.index;
  }
  if (frame?.keptUntil !== undefined) {
    event.keptByScript = frame.keptByScript;
    event.keptUntil = clock.fromMonotonic(frame.keptUntil);
  }
  if (frame?.delivered) draft.handledAt = clock.fromMonotonic(frame.delivered.done);
  return draft;
};

/** Nobody can tell whether a checksum is right of which a part of the bytes was not captured. */
const isWhole = (copies: (CapturedPacket | undefined)[]) => !copies.some((copy) => copy && isCut(copy));

const hexadecimal = ({ buffer, byteOffset, length }: Uint8Array) =>
  Buffer.from(buffer, byteOffset, Math.min(length, shownBytes)).toString('hex');
const shownBytes = 64;

const fateOf = (frame: WireFrame | undefined, received: CapturedPacket | undefined): SegmentEvent['fate'] => {
  if (frame?.delivered || received) return 'delivered';
  return frame?.dropped ? 'dropped' : 'held';
};

const describeConnections = (tracker: ConnectionTracker, begins: Map<TrackedConnection, number>): Connection[] =>
  tracker.connections.map((tracked) => {
    const { opener, isn, ...ends } = tracked;
    return { ...ends, ...(opener && { opener }), isn: { ...isn }, begin: begins.get(tracked) ?? 0 };
  });

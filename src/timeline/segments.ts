// Makes one event of the two copies of each segment: sender's capture, receiver's capture, and the wire's word on its fate.
import { decodeFrame } from '../packet/frame.ts';
import { notation } from '../packet/notation.ts';
import type { CapturedPacket } from '../packet/pcap.ts';
import { type Connection as TrackedConnection, type ConnectionTracker, type PlacedSegment, trackConnections } from '../packet/connections.ts';
import type { Segment } from '../packet/segment.ts';
import type { HostCapture } from './captures.ts';
import type { Clock } from './clock.ts';
import { type Draft, noId } from './draft.ts';
import type { WireFrame, WireLog } from './frames.ts';
import type { Moments } from './moments.ts';
import type { Connection, HostName, SegmentEvent } from './schema.ts';

/** A segment's event, and when the receiving kernel had processed it (nanoseconds since the start of the run). */
export type SegmentDraft = Draft<SegmentEvent> & { handledAt?: number; operation?: number };

export type Segments = { drafts: SegmentDraft[]; connections: Connection[] };

/** One event per frame that holds a TCP segment, sorted by time, with sequence numbers relative to its connection. */
export const joinSegments = (log: WireLog, captures: Record<HostName, HostCapture>, clock: Clock, moments: Moments): Segments => {
  const copies = gatherCopies(log, captures);
  const timed = copies.map((copy) => ({ copy, at: timeOf(copy, clock) }));
  timed.sort((a, b) => a.at - b.at);

  const tracker = trackConnections();
  const begins = new Map<TrackedConnection, number>();
  const byFrame = new Map<number, SegmentDraft>();
  const drafts: SegmentDraft[] = [];
  for (const { copy, at } of timed) {
    const segment = decodeFrame(bytesOf(copy));
    if (!segment) continue;
    const placed = tracker.place(segment);
    if (!begins.has(placed.connection)) begins.set(placed.connection, at);
    const draft = describe(copy, segment, placed, at, clock, moments);
    if (copy.frame) byFrame.set(copy.frame.number, draft);
    const { made } = copy.frame ?? {};
    if (made?.of !== undefined) draft.copyOf = byFrame.get(made.of);
    drafts.push(draft);
  }
  return { drafts, connections: describeConnections(tracker, begins) };
};

/** All there is of one segment. At least one of the three is there. */
type Copies = { frame?: WireFrame; from: HostName; sent?: CapturedPacket; received?: CapturedPacket };

const gatherCopies = (log: WireLog, captures: Record<HostName, HostCapture>): Copies[] => {
  const copies = new Map<WireFrame, Copies>();
  for (const frame of log.frames.values()) copies.set(frame, { frame, from: frame.from });
  for (const host of ['client', 'server'] as const) {
    for (const { packet, frame } of captures[host].sent) {
      if (frame) (copies.get(frame) as Copies).sent = packet;
    }
    for (const { packet, frame } of captures[host].received) {
      if (frame) (copies.get(frame) as Copies).received = packet;
    }
  }
  const unlogged = [...joinUnlogged('client', captures), ...joinUnlogged('server', captures)];
  return [...copies.values(), ...unlogged].filter((copy) => bytesOf(copy).length > 0);
};

/** Where the wire's log is damaged: packets of a sender and of its receiver are joined in order, as far as they are the same. */
const joinUnlogged = (from: HostName, captures: Record<HostName, HostCapture>): Copies[] => {
  const without = (list: HostCapture['sent']) => list.flatMap(({ packet, frame }) => (frame ? [] : [packet]));
  const sent = without(captures[from].sent).map((packet): Copies => ({ from, sent: packet }));
  const waiting = Map.groupBy(sent, (copy) => contentOf(copy.sent as CapturedPacket));
  for (const list of waiting.values()) list.reverse();
  const alone: Copies[] = [];
  for (const packet of without(captures[from === 'client' ? 'server' : 'client'].received)) {
    const copy = waiting.get(contentOf(packet))?.pop();
    if (copy) copy.received = packet;
    else alone.push({ from, received: packet });
  }
  return [...sent, ...alone];
};

const contentOf = ({ data }: CapturedPacket) => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');

const noBytes = new Uint8Array(0);

const bytesOf = ({ sent, received, frame }: Copies): Uint8Array =>
  sent?.data ?? received?.data ?? (frame?.made ? Buffer.from(frame.made.data, 'base64') : noBytes);

const timeOf = ({ frame, sent, received }: Copies, clock: Clock): number => {
  if (sent) return clock.fromCapture(sent.seconds, sent.nanoseconds);
  if (frame) return clock.fromMonotonic(frame.at);
  return received ? clock.fromCapture(received.seconds, received.nanoseconds) : 0;
};

const describe = (
  { frame, from, sent, received }: Copies,
  segment: Segment,
  { connection, seq, ack }: PlacedSegment,
  at: number,
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
    to: frame?.delivered?.to ?? (from === 'client' ? 'server' : 'client'),
    connection: connection.number,
    source: { address: segment.sourceAddress, port: segment.sourcePort },
    destination: { address: segment.destinationAddress, port: segment.destinationPort },
    flags,
    seq,
    ack,
    length,
    window: segment.window,
    options: segment.options,
    absolute: { seq: segment.seq, ack: segment.ack },
    checksumOk: segment.checksumOk,
    text: notation({ flags, seq, ack, length }),
    fate: fateOf(frame, received),
    origin: frame?.made?.origin ?? 'host',
    frame: frame?.number ?? 0,
    packet: {},
  };
  const stage = moments.stageAt(t);
  if (stage !== undefined) event.stage = stage;
  if (length > 0) event.payload = Buffer.from(segment.payload.subarray(0, shownBytes)).toString('hex');
  const draft: SegmentDraft = { event };
  if (frame?.made?.operation !== undefined) draft.operation = frame.made.operation;
  if (sent) {
    event.sentAt = at;
    event.packet[from] = sent.index;
  }
  if (received) {
    event.receivedAt = clock.fromCapture(received.seconds, received.nanoseconds);
    event.packet[event.to] = received.index;
  }
  if (frame?.delivered) draft.handledAt = clock.fromMonotonic(frame.delivered.done);
  return draft;
};

const shownBytes = 64;

const fateOf = (frame: WireFrame | undefined, received: CapturedPacket | undefined): SegmentEvent['fate'] => {
  if (frame?.delivered || received) return 'delivered';
  return frame?.dropped ? 'dropped' : 'held';
};

const describeConnections = (tracker: ConnectionTracker, begins: Map<TrackedConnection, number>): Connection[] =>
  tracker.connections.map((tracked) => {
    const { number, client, server, opener, isn } = tracked;
    return { number, client, server, ...(opener && { opener }), isn: { ...isn }, begin: begins.get(tracked) ?? 0 };
  });

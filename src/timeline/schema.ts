// The shape of a timeline: what the collector makes of a run's evidence, and all that a finding may look at.
// Written as zod schemas because timeline.json is read back by `analyze` and published under schema/.
// Import the types with `import type`, which costs nothing at run time.
import { z } from 'zod';
import { endpoint } from '../record/endpoint.ts';
import { gap } from '../record/gap.ts';
import { hostName, perEnd, perHostSchema } from '../record/hosts.ts';
import { callFields, emitFields, outputFields, processFields, returnFields } from '../record/part-records.ts';
import { destroyedSocket, sample } from '../record/samples.ts';
import { schemaVersion } from '../record/schema-version.ts';
import { source } from '../record/source.ts';
import { tcpState } from '../record/tcp-state.ts';
import { base, type Cause } from './event-base.ts';
import { type SegmentEvent, segmentEvent, type TcpOptions } from './segment-event.ts';
import { type Descriptor, descriptor } from './tracing/descriptor.ts';

export type { Cause, Descriptor, SegmentEvent, TcpOptions };

/** A call made by the script, by Node itself on behalf of it, or a signal sent to a process. */
export const callEvent = z.object({
  ...base,
  kind: z.literal('call'),
  ...callFields,
  connection: z.number().optional(),
  returned: z.object({ at: z.number(), ...returnFields }).optional(),
});
export type CallEvent = z.infer<typeof callEvent>;

/** Something a Node object emitted: 'connection', 'connect', 'data', 'end', 'error', 'close', 'timeout', 'drain'. */
export const emitEvent = z.object({
  ...base,
  kind: z.literal('emit'),
  ...emitFields,
  connection: z.number().optional(),
});
export type EmitEvent = z.infer<typeof emitEvent>;

/** A process started, ended, or was stopped and continued. */
export const processEvent = z.object({
  ...base,
  kind: z.literal('process'),
  ...processFields,
  /** An exit: not before the last thing the process did or the signal that ended it, not after its parent was told. */
  between: z.tuple([z.number(), z.number()]).optional(),
});
export type ProcessEvent = z.infer<typeof processEvent>;

/** What a process wrote to its output. */
export const outputEvent = z.object({
  ...base,
  kind: z.literal('output'),
  ...outputFields,
  /** Read when the process had ended and others had its outputs as well: it was printed by one of them, or before. */
  afterItsEnd: z.literal(true).optional(),
});
export type OutputEvent = z.infer<typeof outputEvent>;

/** A socket went from one TCP state to another, as two samples of ss show. */
export const stateEvent = z.object({
  ...base,
  kind: z.literal('state'),
  host: hostName,
  /** The socket's own number within the timeline. */
  socket: z.number(),
  connection: z.number().optional(),
  local: endpoint,
  peer: endpoint,
  from: tcpState,
  to: tcpState,
  /** It cannot have been one transition: between the two samples the socket went through states that nobody saw. */
  unseen: z.literal(true).optional(),
  /** Samples that bound the change: the last one before and the first one after. */
  before: z.string().optional(),
  after: z.string(),
  /**
   * The change happened in this span of nanoseconds since the start of the run: between the two samples, narrowed by
   * what the socket sent, by its cause, by what a process was told, and by the report of its destruction. `at` is the
   * span's beginning.
   */
  between: z.tuple([z.number(), z.number()]),
  /**
   * Nanoseconds the socket then stayed in `to`, from the beginning of one span to that of the next; absent when it was
   * still there at the end.
   */
  dwell: z.number().optional(),
  /** The least and the most that may have been, where one of the two spans is wider than a millisecond. */
  dwellBetween: z.tuple([z.number(), z.number()]).optional(),
});
export type StateEvent = z.infer<typeof stateEvent>;

/** Something the script did to the wire. */
export const wireEvent = z.object({
  ...base,
  kind: z.literal('wire'),
  /** cut restore link drop hold release delay duplicate replay inject freeRun lockstep */
  operation: z.string(),
  args: z.record(z.string(), z.unknown()),
  source: source.optional(),
});
export type WireEvent = z.infer<typeof wireEvent>;

/** A stage of the script began or ended, or the script left a note; or a host lacks what it needs, and it was not played. */
export const stageEvent = z.object({
  ...base,
  kind: z.literal('stage'),
  edge: z.enum(['begin', 'end', 'note', 'lacks']),
  text: z.string(),
});
export type StageEvent = z.infer<typeof stageEvent>;

/**
 * One of the kernel's counters rose: what it counts happened between two readings, which go with the samples of ss.
 * `at` is the later one.
 */
export const counterEvent = z.object({
  ...base,
  kind: z.literal('counter'),
  host: hostName,
  /** The table and the name the kernel gives it: `TcpExt.ListenDrops`, `Tcp.RetransSegs`. */
  name: z.string(),
  by: z.number(),
  /** What it is now; it counts from the making of the host's network stack. */
  value: z.number(),
  /** What such a rise says. */
  meaning: z.string(),
  /** It says what no segment, call or state shows. */
  telling: z.literal(true).optional(),
  between: z.tuple([z.number(), z.number()]),
  before: z.string().optional(),
  after: z.string().optional(),
});
export type CounterEvent = z.infer<typeof counterEvent>;

export const timelineEvent = z.discriminatedUnion('kind', [
  callEvent,
  emitEvent,
  processEvent,
  outputEvent,
  segmentEvent,
  stateEvent,
  wireEvent,
  stageEvent,
  counterEvent,
]);
export type TimelineEvent = z.infer<typeof timelineEvent>;

/**
 * A connection: a four-tuple and the SYN that began it. Segments that belong to no handshake (a stray RST) get one of
 * their own.
 */
export const connection = z.object({
  /** Counted from 0 in order of appearance. */
  number: z.number(),
  /** Its endpoints, by the hosts they are at. */
  ...perEnd(endpoint),
  /** The host that sent the first SYN; absent when no SYN was seen. */
  opener: hostName.optional(),
  isn: z.object(perEnd(z.number().optional())),
  /** Nanoseconds since the start of the run. */
  begin: z.number(),
});
export type Connection = z.infer<typeof connection>;

export const offTimeline = z.object({
  /** Frames in the captures that hold no TCP segment, by what they carry: `IPv6`, `ICMPv6`. */
  frames: z.array(z.object({ network: z.string(), protocol: z.string().optional(), count: z.number() })),
  /** Connections of a host with itself: they cross no wire, and only ss shows them. */
  loopback: z.array(z.object({ host: hostName, connections: z.number() })),
});
export type OffTimeline = z.infer<typeof offTimeline>;

export const timeline = z.object({
  schemaVersion: z.literal(schemaVersion),
  experiment: z.string(),
  /** Wall-clock start of the run, ISO 8601 in UTC. */
  startedAt: z.string(),
  /** Nanoseconds from start to end of the recording. */
  duration: z.number(),
  /** Whether every segment was held for the samples, or not at all, or both in turn. */
  wireMode: z.enum(['lockstep', 'freeRun', 'mixed']),
  /** Half the width, in nanoseconds, of the span a captured time may lie in on the common clock. */
  clockUncertainty: z.number(),
  connections: z.array(connection),
  /** In order of time, ids ascending. */
  events: z.array(timelineEvent),
  samples: z.array(sample),
  /** In order of time; none in a run that was recorded before finwait listened for them. */
  destroyed: z.array(destroyedSocket),
  /** Empty when every witness saw everything. */
  /** In order of their begin; absent where no program was traced. */
  descriptors: z.array(descriptor).optional(),
  gaps: z.array(gap),
  /** What the witnesses saw and no event shows; absent when there was nothing. */
  offTimeline: offTimeline.optional(),
  capture: perHostSchema(z.object({ packets: z.number(), droppedByKernel: z.number().nullable() })),
});
export type Timeline = z.infer<typeof timeline>;

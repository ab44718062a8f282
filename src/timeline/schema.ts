// The shape of a timeline: what the collector makes of a run's evidence, and all that a finding may look at.
// Written as zod schemas because timeline.json is read back by `analyze` and published under schema/.
// Import the types with `import type`, which costs nothing at run time.
import { z } from 'zod';

/** The version of every document finwait writes. It grows when a field changes its meaning or goes away. */
export const schemaVersion = 1;

export const hostName = z.enum(['client', 'server']);
/** One of the two network stacks of a lab. */
export type HostName = z.infer<typeof hostName>;

export const tcpState = z.enum([
  'CLOSED',
  'LISTEN',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
]);
/** A TCP state in the spelling of RFC 9293, section 3.3.2. CLOSED stands for "no row in ss". */
export type TcpState = z.infer<typeof tcpState>;

export const eventId = z.string().regex(/^e\d+$/);

export const endpoint = z.object({ address: z.string(), port: z.number() });
export type Endpoint = z.infer<typeof endpoint>;

/**
 * A kernel timer as ss prints it: `timer:(on,1.2sec,3)`. `expiresMs` counts from the sample; what was left is that, or more by less than
 * `resolutionMs`, for ss leaves out the milliseconds from 10 s on and the seconds from 10 minutes on.
 */
export const socketTimer = z.object({
  name: z.enum(['on', 'keepalive', 'timewait', 'persist', 'unknown']),
  expiresMs: z.number(),
  resolutionMs: z.number(),
  retransmits: z.number(),
});
export type SocketTimer = z.infer<typeof socketTimer>;

/** One row of ss, decoded. `raw` keeps the words ss used. */
export const socketRow = z.object({
  state: tcpState,
  recvQ: z.number(),
  sendQ: z.number(),
  local: endpoint,
  /** The peer; port 0 for a listener. */
  peer: endpoint,
  /** 0 when no process holds the socket (SYN-RECEIVED, an orphan, TIME-WAIT). */
  inode: z.number(),
  /** The kernel's cookie, the identity of a socket for as long as it lives. Empty where ss prints none. */
  cookie: z.string(),
  timer: socketTimer.optional(),
  /** `-i` and `-m` as ss printed them, key by key: cwnd, rto, rtt, bytes_acked, retrans, skmem … Flags have the value `true`. */
  info: z.record(z.string(), z.union([z.string(), z.literal(true)])),
  raw: z.string(),
});
export type SocketRow = z.infer<typeof socketRow>;

/** All TCP sockets of one host at one moment, as ss saw them between `begin` and `end`. */
export const sample = z.object({
  id: z.string().regex(/^s\d+$/),
  host: hostName,
  /** Nanoseconds since the start of the run. */
  begin: z.number(),
  end: z.number(),
  /** Why it was taken: `before frame 3`, `after frame 3`, `step 4`, `watch`. */
  reason: z.string(),
  /** False when ss failed: then nothing may be concluded from the absence of a row. */
  ok: z.boolean(),
  rows: z.array(socketRow),
});
export type Sample = z.infer<typeof sample>;

/** A full socket the kernel destroyed, as `ss -E` reported it. One in TIME-WAIT or SYN-RECEIVED is no full socket. */
export const destroyedSocket = z.object({
  id: z.string().regex(/^d\d+$/),
  host: hostName,
  /** When its report was read, nanoseconds since the start of the run: it had been destroyed by then. */
  at: z.number(),
  connection: z.number().optional(),
  local: endpoint,
  /** Port 0 for a listener, and for a socket that was only bound. */
  peer: endpoint,
  /** The same as in the socket's rows. */
  cookie: z.string(),
  /** Its last counters as ss printed them, key by key: bytes_acked, bytes_received, segs_out, segs_in, retrans … */
  info: z.record(z.string(), z.union([z.string(), z.literal(true)])),
  raw: z.string(),
});
export type DestroyedSocket = z.infer<typeof destroyedSocket>;

/** Why an event happened. `event` is the id of the event that caused it. */
export const cause = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), event: eventId }),
  z.object({ kind: z.literal('segment'), event: eventId }),
  z.object({ kind: z.literal('process-end'), event: eventId }),
  /** A program whose calls nobody recorded did it, when it liked: `event` is its start. */
  z.object({ kind: z.literal('program'), event: eventId }),
  /** One of several such programs: their starts. Nothing tells which of them holds the socket. */
  z.object({ kind: z.literal('programs'), events: z.array(eventId) }),
  z.object({ kind: z.literal('wire'), event: eventId }),
  z.object({
    kind: z.literal('timer'),
    /**
     * The kernel's timer. ss shows `on` for three of them: here `on` is the retransmission timeout (RFC 6298), `tail-loss-probe` that of
     * RFC 8985, section 7, and `retransmission` one of the two where nothing tells which. `delayed-ack` is not shown by ss.
     */
    timer: z.enum(['on', 'tail-loss-probe', 'retransmission', 'keepalive', 'timewait', 'persist', 'delayed-ack']),
    /** The sample whose row showed the timer armed, where one did. */
    sample: z.string().optional(),
  }),
  z.object({ kind: z.literal('unknown') }),
]);
export type Cause = z.infer<typeof cause>;

const base = {
  id: eventId,
  /** Nanoseconds since the start of the run. */
  at: z.number(),
  /** The step of the script this belongs to, counted from 1. 0 is the set-up. */
  step: z.number(),
  /** The stage of the script, where it has stages. */
  stage: z.string().optional(),
  cause: cause.optional(),
};

/** A call made by the script, by Node itself on behalf of it, or a signal sent to a process. */
export const callEvent = z.object({
  ...base,
  kind: z.literal('call'),
  host: hostName,
  process: z.string(),
  /** `node` and `raw` are socket calls, `process` is kill/freeze/exit/input, `host` is a sysctl or a route metric. */
  via: z.enum(['node', 'raw', 'process', 'host']),
  /** Who asked for it: the script, or Node's own machinery (closing after 'end', for instance). */
  by: z.enum(['script', 'node']),
  api: z.string(),
  args: z.array(z.unknown()),
  /** The handle in the process the call is made on: `server-1`, `socket-2`, or a descriptor such as `fd 5`. */
  target: z.string().optional(),
  local: endpoint.optional(),
  remote: endpoint.optional(),
  connection: z.number().optional(),
  returned: z
    .object({
      at: z.number(),
      value: z.unknown().optional(),
      errno: z.string().optional(),
      /** getsockopt(2): the bytes the kernel gave. */
      length: z.number().optional(),
      /** Nanoseconds for which threads of the process, ready to run, waited for a processor meanwhile, where that was asked for. */
      waited: z.number().optional(),
    })
    .optional(),
  /** Where in the experiment's source the call stands. */
  source: z.object({ file: z.string(), line: z.number() }).optional(),
});
export type CallEvent = z.infer<typeof callEvent>;

/** Something a Node object emitted: 'connection', 'connect', 'data', 'end', 'error', 'close', 'timeout', 'drain'. */
export const emitEvent = z.object({
  ...base,
  kind: z.literal('emit'),
  host: hostName,
  process: z.string(),
  target: z.string(),
  name: z.string(),
  local: endpoint.optional(),
  remote: endpoint.optional(),
  connection: z.number().optional(),
  /** 'data': the byte count. */
  bytes: z.number().optional(),
  /** 'data': the text, cut after 200 characters, where it is printable. */
  text: z.string().optional(),
  /** 'error': ECONNREFUSED and so on. */
  code: z.string().optional(),
  /** Whatever else the event carried. */
  detail: z.record(z.string(), z.unknown()).optional(),
});
export type EmitEvent = z.infer<typeof emitEvent>;

/** A process started, ended, or was stopped and continued. */
export const processEvent = z.object({
  ...base,
  kind: z.literal('process'),
  host: hostName,
  process: z.string(),
  edge: z.enum(['start', 'exit', 'stop', 'continue']),
  /** An exit: not before the last thing the process did or the signal that ended it, not after its parent was told. */
  between: z.tuple([z.number(), z.number()]).optional(),
  pid: z.number().optional(),
  command: z.string().optional(),
  /** Which file the command is, by the PATH of the program; of a Node its version. */
  program: z.object({ path: z.string(), version: z.string().optional() }).optional(),
  /** A start: the process makes the script's calls, each of which is recorded. */
  driven: z.literal(true).optional(),
  code: z.number().nullable().optional(),
  signal: z.string().nullable().optional(),
});
export type ProcessEvent = z.infer<typeof processEvent>;

/** What a process wrote to its output. */
export const outputEvent = z.object({
  ...base,
  kind: z.literal('output'),
  host: hostName,
  process: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  text: z.string(),
});
export type OutputEvent = z.infer<typeof outputEvent>;

export const tcpOptions = z.object({
  mss: z.number().optional(),
  windowScale: z.number().optional(),
  sackPermitted: z.literal(true).optional(),
  sack: z.array(z.tuple([z.number(), z.number()])).optional(),
  timestamps: z.object({ value: z.number(), echo: z.number() }).optional(),
  /** Kinds of options finwait does not name, in order. */
  other: z.array(z.number()).optional(),
});
export type TcpOptions = z.infer<typeof tcpOptions>;

/** One segment: one event, with the time of each host's copy. */
export const segmentEvent = z.object({
  ...base,
  kind: z.literal('segment'),
  from: hostName,
  to: hostName,
  connection: z.number(),
  /** From the sender's capture; absent when the wire itself made the segment. */
  sentAt: z.number().optional(),
  /** From the receiver's capture; absent when it never arrived. */
  receivedAt: z.number().optional(),
  /** Nanoseconds of its way for which the script had the wire keep it (`delay`, `hold`); the rest is the wire's own doing. */
  keptByScript: z.number().optional(),
  /** When the script let it go for good; absent where it never kept it, or still does. */
  keptUntil: z.number().optional(),
  source: endpoint,
  destination: endpoint,
  /** tcpdump's letters in packetdrill's order: `S`, `S.`, `.`, `P.`, `F.`, `R`, `R.`, `FP.`, with `E` and `W` for ECN. */
  flags: z.string(),
  /** Relative to the initial sequence number of the sender. */
  seq: z.number(),
  /** Relative to the initial sequence number of the receiver; 0 without ACK. */
  ack: z.number(),
  /** Payload bytes. */
  length: z.number(),
  /** The window field as it stands in the header, not scaled. */
  window: z.number(),
  options: tcpOptions,
  absolute: z.object({ seq: z.number(), ack: z.number() }),
  /** Absent where the captures keep only the beginning of the segment. */
  checksumOk: z.boolean().optional(),
  /** The first bytes of the payload, hexadecimal, at most 64. */
  payload: z.string().optional(),
  /** packetdrill's notation: `F. 1:1(0) ack 1`. */
  text: z.string(),
  /** What became of it on the wire. `held` is one still held when the run ended. */
  fate: z.enum(['delivered', 'dropped', 'held']),
  /** It was dropped because the link of the receiving host was down. */
  linkDown: z.literal(true).optional(),
  /** Who put it on the wire. `duplicate` and `replay` are copies made by the wire, `inject` is a made-up segment. */
  origin: z.enum(['host', 'duplicate', 'replay', 'inject']),
  /** The segment whose sequence numbers this one repeats, when the sender's kernel sent it again. */
  retransmissionOf: eventId.optional(),
  /** The segment a wire-made copy was copied from. */
  copyOf: eventId.optional(),
  /** What it is, where that has a name of its own. */
  role: z
    .enum([
      'retransmission',
      'keepalive-probe',
      'keepalive-answer',
      'window-probe',
      'window-probe-answer',
      'window-update',
      'duplicate-ack',
    ])
    .optional(),
  /** The frame's number in wire.ndjson. */
  frame: z.number(),
  /** Index of the packet in each capture, from 1, as Wireshark counts. */
  packet: z.object({ client: z.number().optional(), server: z.number().optional() }),
});
export type SegmentEvent = z.infer<typeof segmentEvent>;

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
   * The change happened in this span of nanoseconds since the start of the run: between the two samples, narrowed by what the socket sent, by
   * its cause, by what a process was told, and by the report of its destruction. `at` is the span's beginning.
   */
  between: z.tuple([z.number(), z.number()]),
  /** Nanoseconds the socket then stayed in `to`, from the beginning of one span to that of the next; absent when it was still there at the end. */
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
  source: z.object({ file: z.string(), line: z.number() }).optional(),
});
export type WireEvent = z.infer<typeof wireEvent>;

/** A stage of the script began or ended, or the script left a note. */
export const stageEvent = z.object({
  ...base,
  kind: z.literal('stage'),
  edge: z.enum(['begin', 'end', 'note']),
  text: z.string(),
});
export type StageEvent = z.infer<typeof stageEvent>;

/** One of the kernel's counters rose: what it counts happened between two readings, which go with the samples of ss. `at` is the later one. */
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

/** A connection: a four-tuple and the SYN that began it. Segments that belong to no handshake (a stray RST) get one of their own. */
export const connection = z.object({
  /** Counted from 0 in order of appearance. */
  number: z.number(),
  client: endpoint,
  server: endpoint,
  /** The side that sent the first SYN; absent when no SYN was seen. */
  opener: hostName.optional(),
  isn: z.object({ client: z.number().optional(), server: z.number().optional() }),
  /** Nanoseconds since the start of the run. */
  begin: z.number(),
});
export type Connection = z.infer<typeof connection>;

/**
 * A witness that failed, and the span it was blind for; a whole run when `from` and `to` are absent. `seal` is what proves that the files of a
 * run are those it recorded.
 */
export const gap = z.object({
  witness: z.enum(['tcpdump', 'ss', 'ss -E', 'counters', 'api', 'wire', 'seal']),
  host: hostName.optional(),
  reason: z.string(),
  /** What kind of failure it is, for programs. `machine-too-slow`: nothing was lost, but the observer came too late. */
  code: z.enum(['machine-too-slow']).optional(),
  from: z.number().optional(),
  to: z.number().optional(),
});
export type Gap = z.infer<typeof gap>;

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
  gaps: z.array(gap),
  /** What the witnesses saw and no event shows; absent when there was nothing. */
  offTimeline: offTimeline.optional(),
  capture: z.object({
    client: z.object({ packets: z.number(), droppedByKernel: z.number().nullable() }),
    server: z.object({ packets: z.number(), droppedByKernel: z.number().nullable() }),
  }),
});
export type Timeline = z.infer<typeof timeline>;

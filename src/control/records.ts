// What the parts of a lab write down while it runs: the lines of api.ndjson and wire.ndjson.
// Every `t` is CLOCK_MONOTONIC in nanoseconds (process.hrtime), the one clock all processes of a machine share.
import { z } from 'zod';
import { endpoint, gap, hostName } from '../timeline/schema.ts';

const time = z.number();
const source = z.object({ file: z.string(), line: z.number() });

/** What agents and processes say of what they do. */
const toldByParts = [
  z.object({
    type: z.literal('call'),
    t: time,
    /** Unique in the run: `<process>:<counter>`. Its return bears the same. */
    call: z.string(),
    step: z.number().optional(),
    host: hostName,
    process: z.string(),
    via: z.enum(['node', 'raw', 'process', 'host']),
    by: z.enum(['script', 'node']),
    api: z.string(),
    args: z.array(z.unknown()),
    target: z.string().optional(),
    local: endpoint.optional(),
    remote: endpoint.optional(),
    source: source.optional(),
  }),
  z.object({
    type: z.literal('return'),
    t: time,
    call: z.string(),
    value: z.unknown().optional(),
    errno: z.string().optional(),
    /** getsockopt(2): the bytes the kernel gave. */
    length: z.number().optional(),
    /** Nanoseconds for which threads of the process, ready to run, waited for a processor while the call was under way, where that was asked for. */
    waited: z.number().optional(),
    /** What is known of the socket's addresses after the call. */
    local: endpoint.optional(),
    remote: endpoint.optional(),
  }),
  z.object({
    type: z.literal('emit'),
    t: time,
    host: hostName,
    process: z.string(),
    target: z.string(),
    name: z.string(),
    local: endpoint.optional(),
    remote: endpoint.optional(),
    bytes: z.number().optional(),
    text: z.string().optional(),
    code: z.string().optional(),
    detail: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({
    type: z.literal('process'),
    t: time,
    host: hostName,
    process: z.string(),
    edge: z.enum(['start', 'exit', 'stop', 'continue']),
    pid: z.number().optional(),
    command: z.string().optional(),
    /** Which file the command is, by the PATH of the program; of a Node its version. */
    program: z.object({ path: z.string(), version: z.string().optional() }).optional(),
    /** A start: the process makes the script's calls, and records each. */
    driven: z.literal(true).optional(),
    code: z.number().nullable().optional(),
    signal: z.string().nullable().optional(),
  }),
  z.object({
    type: z.literal('output'),
    t: time,
    host: hostName,
    process: z.string(),
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
  }),
] as const;

/** A record as it arrives from a part of the lab: those of the collector itself are not theirs to write. */
export const partRecord = z.discriminatedUnion('type', [...toldByParts]);

/** One line of api.ndjson. */
export const apiRecord = z.discriminatedUnion('type', [
  /** The recording begins. It names the experiment, and its plan by the SHA-256 of plan.json. */
  z.object({ type: z.literal('begin'), t: time, experiment: z.string(), plan: z.string() }),
  z.object({ type: z.literal('stage'), t: time, edge: z.enum(['begin', 'end', 'note']), text: z.string() }),
  /** The harness is about to take a step of the script; what follows belongs to it. */
  z.object({ type: z.literal('step'), t: time, step: z.number(), what: z.string(), source: source.optional() }),
  ...toldByParts,
  /** What tcpdump said at its end; no counts when it ended without a word. */
  z.object({
    type: z.literal('capture'),
    t: time,
    host: hostName,
    /** When the end of the capture began: a frame that was sent later need not be in it. */
    asked: time.optional(),
    counts: z.object({ captured: z.number(), received: z.number(), droppedByKernel: z.number() }).optional(),
  }),
  /** From here on something was not witnessed. */
  z.object({ type: z.literal('gap'), t: time, ...gap.pick({ witness: true, host: true, reason: true }).shape }),
  /** A sysctl the place set before the run, where that is not what a new network namespace has. */
  z.object({
    type: z.literal('setting'),
    t: time,
    host: hostName,
    name: z.string(),
    value: z.string(),
    default: z.string(),
    /** The namespace has it from the machine; nobody set it for the lab. */
    inherited: z.literal(true).optional(),
  }),
  /** The recording is over. Absent when the collector was killed. */
  z.object({
    type: z.literal('end'),
    t: time,
    interrupted: z.boolean().optional(),
    error: z.string().optional(),
    /** What had been recorded by then. */
    counts: z
      .object({ api: z.number(), wire: z.number(), samples: z.object({ client: z.number(), server: z.number() }) })
      .optional(),
  }),
]);
export type ApiRecord = z.infer<typeof apiRecord>;

/** One line of wire.ndjson. A frame's number is given when the wire first holds it, counted from 1 over both directions. */
export const wireRecord = z.discriminatedUnion('type', [
  /** A frame arrived from a host's TAP. `t` is when the sidecar read it. */
  z.object({
    type: z.literal('read'),
    t: time,
    frame: z.number(),
    from: hostName,
    bytes: z.number(),
    /** First 16 hexadecimal digits of the SHA-1 of the frame, to match it with the captures. */
    digest: z.string(),
    /** The same of its first bytes alone, where it is longer than the captures keep. */
    head: z.object({ bytes: z.number(), digest: z.string() }).optional(),
  }),
  /** The wire made a frame itself: a copy (`of` names the original), a replay or an injection. `data` is the frame, base64. */
  z.object({
    type: z.literal('make'),
    t: time,
    frame: z.number(),
    origin: z.enum(['duplicate', 'replay', 'inject']),
    of: z.number().optional(),
    /** The host whose address the frame bears as its source. */
    from: hostName,
    operation: z.number().optional(),
    digest: z.string(),
    data: z.string(),
  }),
  /** The frame was written to the receiving host's TAP: `t` before the write, `done` after it, when the kernel had processed it. */
  z.object({ type: z.literal('deliver'), t: time, done: time, frame: z.number(), to: hostName }),
  /** The frame was lost: by an operation, or because the receiving host's link was down. */
  z.object({
    type: z.literal('drop'),
    t: time,
    frame: z.number(),
    operation: z.number().optional(),
    reason: z.literal('link down').optional(),
  }),
  z.object({ type: z.literal('hold'), t: time, frame: z.number(), operation: z.number() }),
  /** A rule of the script delays this frame by so many milliseconds. */
  z.object({ type: z.literal('delay'), t: time, frame: z.number(), operation: z.number(), milliseconds: z.number() }),
  z.object({ type: z.literal('release'), t: time, frame: z.number(), operation: z.number() }),
  z.object({
    type: z.literal('operation'),
    t: time,
    operation: z.number(),
    step: z.number().optional(),
    name: z.string(),
    args: z.record(z.string(), z.unknown()),
    source: source.optional(),
  }),
]);
export type WireRecord = z.infer<typeof wireRecord>;

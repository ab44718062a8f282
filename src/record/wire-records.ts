// What the wire writes down while it runs: the lines of wire.ndjson.
import { z } from 'zod';
import { hostName } from './hosts.ts';
import { time } from './part-records.ts';
import { source } from './source.ts';

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
  /**
   * The frame was written to the receiving host's TAP: `t` before the write, `done` after it, when the kernel had
   * processed it.
   */
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

// What is written down while a lab runs, but for the wire: the lines of api.ndjson.
import { z } from 'zod';
import { gap } from './gap.ts';
import { hostName, perHostSchema } from './hosts.ts';
import { partRecords, time } from './part-records.ts';
import { source } from './source.ts';

/** One line of api.ndjson. */
export const apiRecord = z.discriminatedUnion('type', [
  /** The recording begins. It names the experiment, and its plan by the SHA-256 of plan.json. */
  z.object({ type: z.literal('begin'), t: time, experiment: z.string(), plan: z.string() }),
  /** `lacks`: what the experiment needs and a host does not have; then its script is not played. */
  z.object({ type: z.literal('stage'), t: time, edge: z.enum(['begin', 'end', 'note', 'lacks']), text: z.string() }),
  /** The harness is about to take a step of the script; what follows belongs to it. */
  z.object({ type: z.literal('step'), t: time, step: z.number(), what: z.string(), source: source.optional() }),
  ...partRecords,
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
    counts: z.object({ api: z.number(), wire: z.number(), samples: perHostSchema(z.number()) }).optional(),
  }),
]);
export type ApiRecord = z.infer<typeof apiRecord>;

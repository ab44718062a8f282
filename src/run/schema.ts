// plan.json: what a run is about to do, written before anything happens.
import { z } from 'zod';
import { schemaVersion } from '../timeline/schema.ts';

export const plan = z.object({
  schemaVersion: z.literal(schemaVersion),
  experiment: z.string(),
  title: z.string(),
  article: z.array(z.string()),
  /** Path of the experiment's source, relative to the project. */
  file: z.string(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  /** CLOCK_MONOTONIC at the start of the run, nanoseconds: zero of the timeline. */
  clockStart: z.number(),
  place: z.enum(['namespaces', 'docker']),
  wireMode: z.enum(['lockstep', 'freeRun']),
  pace: z.enum(['quick', 'article']),
  /** Somebody decided about each segment by hand. */
  stepped: z.literal(true).optional(),
  environment: z.object({
    kernel: z.string(),
    arch: z.string(),
    node: z.string(),
    iproute2: z.string(),
    tcpdump: z.string(),
    finwait: z.string(),
  }),
  /** Set by the experiment or on the command line before the script starts. */
  sysctls: z.array(z.object({ host: z.enum(['client', 'server']), name: z.string(), value: z.string() })),
});
export type Plan = z.infer<typeof plan>;

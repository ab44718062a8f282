// plan.json: what a run is about to do, written before anything happens. seal.json: what it had recorded, written
// before anything is concluded.

import { z } from 'zod';
import { hostName, perHostSchema } from '../record/hosts.ts';
import { schemaVersion } from '../record/schema-version.ts';

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
  /** Both ends are on one host, the client, whose loopback is captured. */
  oneHost: z.literal(true).optional(),
  /** A proxy stands between client and server. */
  proxy: z.literal(true).optional(),
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
  sysctls: z.array(z.object({ host: hostName, name: z.string(), value: z.string() })),
});
export type Plan = z.infer<typeof plan>;

/** What tells a file from every other: see fingerprint.ts. */
export const fingerprint = z.object({ bytes: z.number(), sha256: z.string() });
const witnesses = z.object({
  /** tcpdump's own count; null where it gave none. */
  packets: z.number().nullable(),
  samples: z.number(),
});

export const seal = z.object({
  schemaVersion: z.literal(schemaVersion),
  experiment: z.string(),
  /** The module that exports the experiment, a path within the folder. */
  source: z.string().regex(/^source\/(?!.*\.\.)/),
  /**
   * Every file there was when the recording was over: the plan, the evidence, the experiment's source. Paths within the
   * folder.
   */
  files: z.record(z.string(), fingerprint),
  /** What the witnesses counted themselves. */
  counts: z.object({
    ...perHostSchema(witnesses).shape,
    deliveries: z.number(),
    apiRecords: z.number(),
    wireRecords: z.number(),
  }),
});
export type Seal = z.infer<typeof seal>;

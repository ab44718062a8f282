// The shape of a result: what a run concluded from its timeline, where it ran and how long each phase took.
// result.json is read back by `analyze` and by the report; the `--json` document is made of many results.
import { z } from 'zod';
import { hostName } from '../record/hosts.ts';
import { schemaVersion } from '../record/schema-version.ts';

export const verdict = z.enum(['reproduced', 'refuted', 'conditional', 'inconclusive', 'not-applicable']);
/**
 * Derived from the claims among the cases: all held, none held, some held, or a claim or control that is not known; none
 * of them applicable on the machine.
 */
export type Verdict = z.infer<typeof verdict>;

const ofPredicate = z.enum(['held', 'failed', 'unknown']);
/** `not-applicable`: the machine lacks what the case needs, a Java for instance. It takes no part in the verdict. */
export const outcome = z.enum([...ofPredicate.options, 'not-applicable']);
export type Outcome = z.infer<typeof outcome>;

export const role = z.enum(['claim', 'limit', 'contrast', 'control']);
/** What a case is for: claims decide, limits say how far, contrasts explain, controls test the experiment. */
export type Role = z.infer<typeof role>;

/** The id of an event (`e12`), of a sample of ss (`s4`) or of what ss said of a socket's end (`d3`). */
export const evidenceId = z.string().regex(/^[des]\d+$/);

/** What a predicate gives, before its evidence has been looked up. */
export const checkOutcome = z.object({
  outcome: ofPredicate,
  expected: z.string(),
  actual: z.string(),
  evidence: z.array(z.unknown()),
});

export const caseResult = z.object({
  /** A condition for a claim or limit (`when the process is frozen`), a sentence for a contrast or control. */
  name: z.string(),
  role,
  /** Why it has this role, where that is not obvious. */
  why: z.string().optional(),
  outcome,
  expected: z.string(),
  actual: z.string(),
  /** Ids of the events (`e12`), or of the samples of ss (`s4`), that show it. */
  evidence: z.array(evidenceId),
});
export type CaseResult = z.infer<typeof caseResult>;

export const findingResult = z.object({
  /** `A2`: the row of the findings this decides. */
  id: z.string(),
  statement: z.string(),
  verdict,
  /** The verdict as a sentence, made of the names of the cases: `True, but not when data is unread.` */
  answer: z.string(),
  /** Where it depends on the kernel or a setting: which, and the source. */
  because: z.string().optional(),
  /** Those that decided first. */
  cases: z.array(caseResult),
});
export type FindingResult = z.infer<typeof findingResult>;

const range = z.tuple([z.number(), z.number()]);
/** One end of a connection over the run, the smallest and the largest; milliseconds. */
export const connectionTimers = z.object({
  connection: z.number(),
  host: hostName,
  /** The smoothed round trip. */
  rtt: range,
  minRtt: z.number().optional(),
  /** The retransmission timeout without its doubling; absent where nobody looked before it was doubled. */
  rto: range.optional(),
  /** What the timeout would have been at the end, had the wire passed every segment at once. */
  undisturbed: z.number(),
  /** Whether the observer raised it by more than 5 %. */
  raised: z.boolean(),
  congestionControl: z.string().optional(),
});
export type ConnectionTimers = z.infer<typeof connectionTimers>;

export const environment = z.object({
  /** `uname -r`. */
  kernel: z.string(),
  /** Versions, as bare numbers: `24.21.0`. */
  node: z.string(),
  iproute2: z.string(),
  tcpdump: z.string(),
  finwait: z.string(),
  arch: z.string(),
  place: z.enum(['namespaces', 'docker']),
  wireMode: z.enum(['lockstep', 'freeRun', 'mixed']),
  /** Both ends were on one host: there was no wire. */
  oneHost: z.literal(true).optional(),
  /** A proxy stood between client and server. */
  proxy: z.literal(true).optional(),
  /** Those that differ from the kernel's default. */
  sysctls: z.array(z.object({ host: hostName, name: z.string(), value: z.string(), default: z.string() })),
  /** What the hosts have from the machine and is not the kernel's default: a congestion control, a sysctl, metrics of a route. */
  inherited: z.array(z.object({ host: hostName, name: z.string(), value: z.string(), default: z.string() })).optional(),
  /** What each kernel measured and set its retransmission timer to, as ss shows it. */
  timers: z.array(connectionTimers).optional(),
  /** `quick` shortens the waits that only stretch an experiment. */
  pace: z.enum(['quick', 'article']).optional(),
  /** Somebody decided about each segment by hand, while kernel timers ran on. */
  stepped: z.literal(true).optional(),
});
export type Environment = z.infer<typeof environment>;

export const phase = z.object({ name: z.string(), ms: z.number() });
export type Phase = z.infer<typeof phase>;

/** A fault of the programs that a run shows, for whoever wrote them. */
export const diagnosis = z.object({
  /** The kind, as docs/diagnoses.md has it: `left-in-close-wait`. */
  name: z.string(),
  title: z.string(),
  /** What happened, in plain words. */
  sentence: z.string(),
  remedy: z.string(),
  /** The remedy in Node, where it has one of its own. */
  node: z.string().optional(),
  /** An RFC's section, a man page, the kernel's source. */
  source: z.string(),
  evidence: z.array(evidenceId),
  /** Nothing is wrong: it explains what somebody may wonder at. */
  harmless: z.literal(true).optional(),
});
export type Diagnosis = z.infer<typeof diagnosis>;

export const result = z.object({
  schemaVersion: z.literal(schemaVersion),
  experiment: z.string(),
  title: z.string(),
  article: z.string(),
  /** The run's folder. */
  folder: z.string(),
  /** Wall-clock start of the run, ISO 8601 in UTC. */
  startedAt: z.string(),
  durationMs: z.number(),
  /** In order: start, run, analyse, remove. */
  phases: z.array(phase),
  environment,
  /** The script or the lab failed; what was recorded until then is still judged. */
  error: z.object({ message: z.string(), code: z.string() }).optional(),
  interrupted: z.boolean().optional(),
  findings: z.array(findingResult),
  /** Where they were asked for. */
  diagnoses: z.array(diagnosis).optional(),
});
export type Result = z.infer<typeof result>;

/** What `--json` prints. */
export const jsonDocument = z.object({
  schemaVersion: z.literal(schemaVersion),
  runs: z.array(
    result
      .pick({ experiment: true, folder: true, environment: true, durationMs: true, error: true, interrupted: true })
      .extend({ findings: z.array(findingResult), diagnoses: z.array(diagnosis).optional() }),
  ),
  /** Experiments of several that came to no result, and why. */
  failed: z
    .array(z.object({ experiment: z.string(), error: z.object({ message: z.string(), code: z.string() }) }))
    .optional(),
});
export type JsonDocument = z.infer<typeof jsonDocument>;

// Mutations of recorded runs, each judged by the code that `analyze` judges by: whether one ends with a verdict, or a
// case with an outcome, that the untouched run did not have. Inconclusive is never wrong.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '../../src/judge/analyze.ts';
import { definitionOfRun } from '../../src/judge/definition-of-run.ts';
import { PlanError, readPlan } from '../../src/recording/read-plan.ts';
import { type Files, readFiles, writeFiles } from './evidence-files.ts';
import { mutators } from './mutators.ts';
import { seededRandom } from './random.ts';
import { type Mode, prove } from './reseal.ts';

/** `judged` by its findings and cases; `error` when there were none. */
type Judgement = { judged: Map<string, string>; error?: string };
/** One that ended otherwise: what was done to which run, and what came of it. */
export type Wrong = { mutation: number; run: string; mode: Mode; kind: string; what: string; became: string[] };
export type Outcome = { mutations: number; inconclusive: number; unchanged: number; wrong: Wrong[] };

export type Campaign = {
  /** Folders of recorded runs. */
  runs: string[];
  count: number;
  seed: number;
  modes: readonly Mode[];
  /** A folder of its own, for the mutated run. */
  scratch: string;
};

export const mutate = async ({ runs, count, seed, modes, scratch }: Campaign): Promise<Outcome> => {
  const random = seededRandom(seed);
  const recorded = new Map(runs.map((run) => [run, readFiles(run)]));
  const untouched = new Map<string, Map<string, string>>();
  const folder = join(scratch, 'mutated');
  const outcome: Outcome = { mutations: 0, inconclusive: 0, unchanged: 0, wrong: [] };
  let before: Files = new Map();
  const kinds = Object.keys(mutators);
  for (let tries = 0; outcome.mutations < count && tries < 20 * count; tries++) {
    const run = random.pick(runs);
    const files = recorded.get(run) as Files;
    const kind = kinds[outcome.mutations % kinds.length] as string;
    const mode = modes[outcome.mutations % modes.length] as Mode;
    const other = recorded.get(random.pick(runs.filter((one) => one !== run))) as Files;
    const mutation = random.pick(mutators[kind] ?? [])({ files, other, random });
    if (!mutation || isSame(files, mutation.files)) continue;
    outcome.mutations++;
    if (!untouched.has(run)) untouched.set(run, (await judgeFolder(run)).judged);
    const proved = prove(mutation.files, mode, files);
    writeFiles(folder, proved, before);
    before = proved;
    const { judged, error } = await judgeFolder(folder);
    const known = untouched.get(run) as Map<string, string>;
    const became = error
      ? [error]
      : [...judged].flatMap(([what, is]) =>
          open.has(is) || is === known.get(what) ? [] : [`${what}: ${known.get(what) ?? 'nothing'} → ${is}`],
        );
    if (became.length > 0)
      outcome.wrong.push({ mutation: outcome.mutations, run, mode, kind, what: mutation.what, became });
    else if (
      [...judged.values()].some((is) => !open.has(is)) &&
      [...judged].every(([what, is]) => is === known.get(what))
    )
      outcome.unchanged++;
    else outcome.inconclusive++;
  }
  rmSync(folder, { recursive: true, force: true });
  return outcome;
};

const open = new Set(['inconclusive', 'unknown']);

const isSame = (one: Files, two: Files) =>
  one.size === two.size && [...one].every(([name, content]) => two.get(name)?.equals(content));

/** A folder that is refused has no verdicts; a crash is an error. */
const judgeFolder = async (folder: string): Promise<Judgement> => {
  try {
    const judge = await definitionOfRun(folder, readPlan(folder));
    if (!judge) return { judged: new Map() };
    const { findings } = analyze(folder, judge.definition);
    return {
      judged: new Map(
        findings.flatMap(({ id, verdict, cases }) => [
          [id, verdict] as const,
          ...cases.map(({ name, outcome }) => [`${id}, ${name}`, outcome] as const),
        ]),
      ),
    };
  } catch (error) {
    if (error instanceof PlanError) return { judged: new Map() };
    return { judged: new Map(), error: `a crash: ${(error as Error).stack?.split('\n').slice(0, 3).join(' ')}` };
  }
};

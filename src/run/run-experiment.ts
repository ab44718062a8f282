// One run: plan, lab, script, evidence, and only then the judgement.
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { siteIn } from '../experiment/call-site.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { Host, Script, StageOptions } from '../experiment/vocabulary.ts';
import type { Place } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import { now } from '../record/clock.ts';
import { schemaVersion } from '../record/schema-version.ts';
import type { Source } from '../record/source.ts';
import { writeJson } from './analyze.ts';
import { type CatalogueEntry, projectFolder } from './catalogue.ts';
import { checked } from './checks/check.ts';
import { scriptWords } from './checks/words.ts';
import type { Conclusion, Recording, Telling } from './conclude.ts';
import { concludeAside } from './conclude-aside.ts';
import { copySource } from './copy-source.ts';
import { readEnvironment } from './environment.ts';
import { fingerprint } from './fingerprint.ts';
import { linkLatest, makeRunFolder } from './folder.ts';
import { hostOf } from './host.ts';
import { giveIpv6Addresses } from './ipv6.ts';
import { openRecorder, type Recorder } from './recorder.ts';
import { RunError } from './run-error.ts';
import type { Plan } from './schema.ts';
import { writeSeal } from './seal.ts';
import { openSession, type Progress, type Session, type Stepper } from './session.ts';
import { nameOfSource } from './source-name.ts';
import { startTimeout } from './timeout.ts';
import { undisturbed } from './undisturbed.ts';
import { wireControl } from './wire-control.ts';

export type RunOptions = {
  place: Place;
  /** The folder under which run folders are made. */
  results: string;
  pace: 'quick' | 'article';
  sysctls: Plan['sysctls'];
  /** Give the run up after this many seconds; default: what the experiment says, or 120. */
  timeoutSeconds?: number;
  /** Aborting it ends the script; what is recorded is kept and judged. */
  signal: AbortSignal;
  progress?: Progress & { phase?(name: string): void };
  /** Somebody who lets the run go on step by step; no timeout counts the time that takes. */
  stepper?: Stepper;
  /** The report that is wanted. */
  telling?: Telling;
  /** Plays a script of packetdrill, a file, with calls in processes on this host. */
  packetdrill(session: Session, host: Host, path: string): Promise<void>;
  /** Whether other runs go on in this process meanwhile. */
  hasNeighbours?: boolean;
};

/** Run an experiment and judge it. Throws LabError when this machine cannot run it; a script that fails gives a result with `error`. */
export const runExperiment = async (
  entry: CatalogueEntry,
  definition: Experiment,
  options: RunOptions,
): Promise<Conclusion> => {
  const stopwatch = startStopwatch(options.progress?.phase);
  stopwatch.phase('start');
  // Loaded while the lab starts, so that nobody waits for it.
  const concluding = import('./conclude.ts');
  const startedAt = new Date();
  const folder = makeRunFolder(options.results, entry.name, startedAt);
  const plan = await makePlan(entry, definition, options, startedAt);
  writeJson(folder, 'plan.json', plan);
  for (const [name, text] of Object.entries(definition.files ?? {})) writeFileSync(join(folder, name), text);
  const source = copySource(folder, entry.file);
  const recorder = openRecorder(folder);
  recorder.api({ type: 'begin', t: now(), experiment: plan.experiment, plan: fingerprint(folder, 'plan.json').sha256 });
  const interrupted = () => options.signal.aborted;
  const { failure, removed } = await record(definition, options, { plan, folder, recorder, stopwatch })
    .catch((error) => {
      // The run never began: there is nothing to keep.
      if (error instanceof LabError || error === options.signal.reason) rmSync(folder, { recursive: true });
      throw error;
    })
    .finally(recorder.close);
  removed.catch(() => {}); // told when it is waited for
  try {
    linkLatest(folder);
    source.addPrograms();
    const counts = recorder.sealedCounts();
    writeSeal(folder, { schemaVersion, experiment: entry.name, source: source.module, counts });
    options.progress?.phase?.('analyse');
    const recording: Recording = {
      folder,
      phases: stopwatch.stop(),
      ...(failure && !interrupted()
        ? { error: { message: failure.message, code: (failure as { code?: string }).code ?? 'ESCRIPT' } }
        : {}),
      ...(interrupted() && { interrupted: true }),
    };
    if (options.hasNeighbours) return await concludeAside(recording, options.telling);
    const { conclude } = await concluding;
    return conclude(recording, definition, options.telling);
  } finally {
    await removed; // the lab goes while its run is judged
  }
};

type Recorded = {
  /** What stopped the script, if anything did. */
  failure?: Error;
  /** Resolves when the lab is gone. */
  removed: Promise<void>;
};

/** Start the lab, run the script, stop the witnesses, begin to remove the lab. */
const record = async (
  definition: Experiment,
  options: RunOptions,
  { plan, folder, recorder, stopwatch }: { plan: Plan; folder: string; recorder: Recorder; stopwatch: Stopwatch },
): Promise<Recorded> => {
  const { place, progress, stepper } = options;
  const seconds = options.timeoutSeconds ?? definition.timeoutSeconds ?? 120;
  const expiry = new AbortController();
  const stopTimeout = startTimeout(
    seconds * 1000,
    () => expiry.abort(new Error('The time of the run is over.')),
    stepper?.waited,
  );
  const signal = AbortSignal.any([options.signal, expiry.signal]);
  const session = await openSession({
    place,
    recorder,
    freeRun: plan.wireMode === 'freeRun',
    progress,
    signal,
    untilBegun: options.signal,
    stepper,
  }).catch((error) => {
    stopTimeout();
    throw error;
  });
  let failure: Error | undefined;
  try {
    stepper?.begin({ folder, plan, sample: session.wire.sampleBoth });
    stopwatch.phase('run');
    await play(session, definition, plan, options.packetdrill);
  } catch (error) {
    failure = expiry.signal.aborted
      ? new RunError(`The run was given up after ${seconds} s. To allow more: --timeout ${seconds * 2}`, 'ETIMEOUT')
      : located(asError(error));
  }
  stopTimeout();
  stopwatch.phase('stop');
  try {
    await session.stopWitnesses({ hasFailed: failure !== undefined });
    recorder.api({
      type: 'end',
      t: now(),
      interrupted: options.signal.aborted || undefined,
      error: failure?.message,
      counts: recorder.counts(),
    });
  } catch (error) {
    await session.close();
    throw error;
  }
  return { failure, removed: session.close() };
};

type Part<T> = () => Promise<T>;

const play = async (session: Session, definition: Experiment, plan: Plan, packetdrill: RunOptions['packetdrill']) => {
  const hosts = { client: hostOf(session, 'client'), server: hostOf(session, 'server') };
  if (definition.ipv6) await giveIpv6Addresses(session);
  if (definition.retransmitAfterSeconds !== undefined)
    await Promise.all(
      Object.values(hosts).flatMap((host) => [
        host.route('rto_min', `${definition.retransmitAfterSeconds}s`),
        host.sysctl('net.ipv4.tcp_early_retrans', 0),
      ]),
    );
  for (const { host, name, value } of plan.sysctls) await hosts[host].sysctl(name, value);
  const stages = new Set<string>();
  const words: Omit<Script, 'client' | 'server' | 'wire' | 'pace'> = {
    stage: async <T>(name: string, first: StageOptions | Part<T>, second?: Part<T>): Promise<T> => {
      const part = typeof first === 'function' ? first : second;
      const isUndisturbed = typeof first === 'object' && first.undisturbed;
      if (!part) throw new RunError(`The stage '${name}' has no script.`, 'ESCRIPT');
      if (stages.has(name))
        throw new RunError(`The stage '${name}' was begun twice: names of stages are unique in a run.`, 'ESCRIPT');
      stages.add(name);
      session.recorder.api({ type: 'stage', t: now(), edge: 'begin', text: name });
      await session.wire.sampleBoth(`begin of stage ${name}`);
      const given = await (isUndisturbed ? undisturbed(session, part) : part());
      await session.settle();
      await session.orAbort(session.wire.sampleBoth(`end of stage ${name}`));
      session.recorder.api({ type: 'stage', t: now(), edge: 'end', text: name });
      return given;
    },
    packetdrill: (file) => packetdrill(session, hosts.server, resolve(projectFolder, dirname(plan.file), file)),
    note: (text) => session.recorder.api({ type: 'stage', t: now(), edge: 'note', text }),
    observe: async (milliseconds, { everyMs = 100 } = {}) => {
      const end = now() + milliseconds * 1e6;
      while (now() < end) {
        await session.idly(new Promise((resolve) => setTimeout(resolve, Math.min(everyMs, (end - now()) / 1e6))));
        await session.orAbort(session.wire.sampleBoth('observe'));
      }
    },
  };
  const script: Script = {
    ...hosts,
    wire: wireControl(session),
    pace: plan.pace,
    ...checked('', words, scriptWords),
  };
  await definition.run(script);
  await session.finishSteps();
  await session.settle();
};

const makePlan = async (
  entry: CatalogueEntry,
  definition: Experiment,
  options: RunOptions,
  startedAt: Date,
): Promise<Plan> => {
  const own = (['client', 'server'] as const).flatMap((host) =>
    Object.entries(definition.sysctls?.[host] ?? {}).map(([name, value]) => ({ host, name, value: String(value) })),
  );
  return {
    schemaVersion,
    experiment: entry.name,
    title: definition.title,
    article: [definition.article ?? []].flat(),
    file: relative(projectFolder, entry.file),
    startedAt: startedAt.toISOString(),
    clockStart: now(),
    place: options.place.name,
    wireMode: definition.freeRun ? 'freeRun' : 'lockstep',
    pace: options.pace,
    ...(options.stepper && { stepped: true }),
    environment: { ...(await readEnvironment()), ...(await options.place.environment?.()) },
    sysctls: [...own, ...options.sysctls],
  };
};

type Stopwatch = ReturnType<typeof startStopwatch>;

const startStopwatch = (onPhase?: (name: string) => void) => {
  const phases: { name: string; ms: number }[] = [];
  let begun = performance.now();
  const end = () => {
    const last = phases.at(-1);
    if (last) last.ms = Math.round(performance.now() - begun);
    begun = performance.now();
  };
  return {
    phase: (name: string) => {
      end();
      phases.push({ name, ms: 0 });
      onPhase?.(name);
    },
    stop: () => {
      end();
      return phases;
    },
  };
};

/** The error, with the line of the script it came from. */
const located = (error: Error): Error => {
  const source = (error as { source?: Source }).source ?? siteIn(error.stack);
  if (source) error.message += ` (${nameOfSource(source)})`;
  return error;
};

const asError = (error: unknown): Error =>
  error instanceof LabError || error instanceof Error ? error : new Error(String(error));

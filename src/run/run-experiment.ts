// One run: plan, lab, script, evidence, and only then the judgement.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { siteIn } from '../experiment/call-site.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { RunError } from '../experiment/run-error.ts';
import { nameOfSource } from '../experiment/source-name.ts';
import type { Conclusion, Recording } from '../judge/conclude.ts';
import { concludeAside } from '../judge/conclude-aside.ts';
import { LabError } from '../lab/lab-error.ts';
import { now } from '../record/clock.ts';
import { hostsOfLab } from '../record/hosts.ts';
import { schemaVersion } from '../record/schema-version.ts';
import type { Source } from '../record/source.ts';
import { errorCodeOf } from '../record/thrown.ts';
import { copySource } from '../recording/copy-source.ts';
import { fingerprint } from '../recording/fingerprint.ts';
import { linkLatest, makeRunFolder } from '../recording/folder.ts';
import { openRecorder, type Recorder } from '../recording/recorder.ts';
import type { Plan } from '../recording/schema.ts';
import { writeSeal } from '../recording/seal.ts';
import { writeJson } from '../recording/write-json.ts';
import type { CatalogueEntry } from '../script/catalogue.ts';
import { play } from '../script/play.ts';
import { openSession } from '../session/session.ts';
import { startTimeout } from '../session/timeout.ts';
import type { RunOptions } from './options.ts';
import { makePlan } from './plan.ts';
import { type Stopwatch, startStopwatch } from './stopwatch.ts';

/**
 * Run an experiment and judge it. Throws LabError when this machine cannot run it; a script that fails gives a result
 * with `error`.
 */
export const runExperiment = async (
  entry: CatalogueEntry,
  definition: Experiment,
  options: RunOptions,
): Promise<Conclusion> => {
  const stopwatch = startStopwatch(options.progress?.phase);
  stopwatch.phase('start');
  // Loaded while the lab starts, so that nobody waits for it.
  const concluding = import('../judge/conclude.ts');
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
        ? { error: { message: failure.message, code: errorCodeOf(failure) ?? 'ESCRIPT' } }
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
    oneHost: plan.oneHost,
    hosts: hostsOfLab(plan),
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
    stepper?.begin({ folder, plan, sample: session.wire.sampleAll });
    stopwatch.phase('run');
    await play(session, definition, plan, options.packetdrill);
  } catch (error) {
    failure = expiry.signal.aborted
      ? new RunError(`The run was given up after ${seconds} s. To allow more: --timeout ${seconds * 2}`, 'ETIMEOUT')
      : located(asError(error), options);
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

/** The error, with the line of the script it came from, where somebody wrote it. */
const located = (error: Error, { isMadeUp }: Pick<RunOptions, 'isMadeUp'>): Error => {
  const source = (error as { source?: Source }).source ?? siteIn(error.stack);
  if (source && !isMadeUp) error.message += ` (${nameOfSource(source)})`;
  return error;
};

const asError = (error: unknown): Error =>
  error instanceof LabError || error instanceof Error ? error : new Error(String(error));

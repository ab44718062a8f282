// The thread of concludeAside().
import { parentPort, workerData } from 'node:worker_threads';
import { readPlan } from '../run/analyze.ts';
import { conclude, type Recording, type Telling } from '../run/conclude.ts';
import { RunError } from '../run/run-error.ts';
import { definitionOfRun } from './definition-of-run.ts';

const { recording, telling }: { recording: Recording; telling?: Telling } = workerData;
const judge = await definitionOfRun(recording.folder, readPlan(recording.folder));
if (!judge) throw new RunError(`The experiment that ran is not in ${recording.folder} any more.`, 'ESCRIPT');
parentPort?.postMessage(conclude(recording, judge.definition, telling));

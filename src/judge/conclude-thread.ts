// The thread of concludeAside().
import '../record/plain-schemas.ts';
import { parentPort, workerData } from 'node:worker_threads';
import { RunError } from '../experiment/run-error.ts';
import { readPlan } from '../recording/read-plan.ts';
import { conclude, type Recording, type Telling } from './conclude.ts';
import { definitionOfRun } from './definition-of-run.ts';

const { recording, telling }: { recording: Recording; telling?: Telling } = workerData;
const judge = await definitionOfRun(recording.folder, readPlan(recording.folder));
if (!judge) throw new RunError(`The experiment that ran is not in ${recording.folder} any more.`, 'ESCRIPT');
parentPort?.postMessage(await conclude(recording, judge.definition, telling));

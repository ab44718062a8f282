// Concludes in a thread of its own. What follows from a long run takes a second to compute, and for as long as this
// process computes no wire of the runs beside it delivers anything: their kernels would send again, and the load would
// be part of their records.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { RunError } from '../experiment/run-error.ts';
import { programFile } from '../process/program-file.ts';
import type { Conclusion, Recording, Telling } from './conclude.ts';

/** What conclude() gives, by the definition that ran, as the run's folder has it. */
export const concludeAside = async (recording: Recording, telling?: Telling): Promise<Conclusion> => {
  const thread = new Worker(programFile('judge/conclude-thread'), { workerData: { recording, telling } });
  const [conclusion] = await Promise.race([once(thread, 'message'), endOf(thread, recording)]);
  return conclusion;
};

/** A definition may end the thread it is loaded in: then nobody waits for a message. */
const endOf = async (thread: Worker, { folder }: Recording): Promise<never> => {
  const [code] = await once(thread, 'exit');
  throw new RunError(`The judgement of ${folder} ended with exit code ${code} and no result.`, 'ESCRIPT');
};

// Concludes in a thread of its own. What follows from a long run takes a second to compute, and for as long as this process computes no
// wire of the runs beside it delivers anything: their kernels would send again, and the load would be part of their records.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { programFile } from '../program-file.ts';
import type { Conclusion, Recording, Telling } from './conclude.ts';

/** What conclude() gives, by the definition that ran, as the run's folder has it. */
export const concludeAside = async (recording: Recording, telling?: Telling): Promise<Conclusion> => {
  const thread = new Worker(programFile('run/conclude-thread'), { workerData: { recording, telling } });
  const [conclusion] = await once(thread, 'message');
  return conclusion;
};

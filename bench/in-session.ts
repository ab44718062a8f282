// A session of a lab in namespaces, for as long as something is measured in it.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { namespaces } from '../src/lab/namespaces.ts';
import { twoHosts } from '../src/record/hosts.ts';
import { openRecorder } from '../src/recording/recorder.ts';
import { openSession, type Session } from '../src/session/session.ts';

export const inSession = async <T>({ freeRun = false }, work: (session: Session) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'finwait-bench-'));
  await writeFile(join(folder, 'plan.json'), '{}'); // nobody judges what is recorded here
  const recorder = openRecorder(folder);
  const session = await openSession({
    place: namespaces,
    recorder,
    hosts: twoHosts,
    freeRun,
    signal: new AbortController().signal,
  });
  try {
    return await work(session);
  } finally {
    await session.close();
    recorder.close();
    await rm(folder, { recursive: true });
  }
};

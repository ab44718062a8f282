// A real Node process on a host, driven call by call. Started by the agent, or by another node process that shares a descriptor.
import { driveProcess } from './driven-process.ts';
import { inherited } from './inherited.ts';
import { createNodeDriver } from './node/driver.ts';

const descriptor = inherited();

await driveProcess('node', {
  inherited: descriptor?.target,
  create: (recorder) => createNodeDriver(recorder, descriptor),
  leave: () => process.exit(0),
});

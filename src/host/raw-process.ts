// A process on a host that makes the socket calls themselves. Started by the agent, or by another raw process that
// shares a descriptor.
import { driveProcess } from './driven-process.ts';
import { inherited } from './inherited.ts';
import { loadLibc } from './libc.ts';
import { createRawDriver } from './raw/driver.ts';

const descriptor = inherited();
const libc = await loadLibc();

await driveProcess('raw', {
  inherited: descriptor?.target,
  create: (recorder) => createRawDriver(libc, recorder, descriptor),
  // process.exit() would wait for the threads that block in a call.
  leave: () => libc.call('_exit', 0),
});

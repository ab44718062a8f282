// While a lab stands, the collector goes before whatever else keeps the cores busy, as the sidecars do: a segment waits on the wire for
// both, and when it waits longer than an RTO the sender's kernel sends it again, so that the load would be part of the record.
import { spawnSync } from 'node:child_process';

/** Let this process, and not what it starts, go first until the returned function has been called for each lab. */
export const goFirst = (): (() => void) => {
  const lab = Symbol();
  if (labs.size === 0) schedule(['--reset-on-fork', '--rr'], '1');
  labs.add(lab);
  return () => {
    if (labs.delete(lab) && labs.size === 0) schedule(['--other'], '0');
  };
};

const labs = new Set<symbol>();

/** chrt(1) of util-linux. Without CAP_SYS_NICE, or without the program, nothing happens. */
const schedule = (policy: string[], priority: string) => {
  spawnSync('chrt', [...policy, '--pid', priority, String(process.pid)], { stdio: 'ignore' });
};

// Containers bear the name of the collector they belong to. They end by themselves when it is gone, because their control channel
// closes; those that could not (the engine was stopped, say) are removed by the next start.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { startTime } from '../scratch.ts';
import { docker } from './command.ts';

const labelOfCollector = 'finwait.collector';

/** Labels for whatever this collector creates. */
export const labels = (lab: string): string[] => [
  ...['--label', `finwait.lab=${lab}`],
  ...['--label', `${labelOfCollector}=${machine()}/${bootId()}/${process.pid}/${startTime(process.pid)}`],
];

/** Remove the containers of collectors of this machine that are gone. */
export const removeLeftovers = async (): Promise<void> => {
  const format = `{{.ID}} {{.Label "${labelOfCollector}"}}`;
  const { stdout } = await docker(['ps', '--all', '--filter', `label=${labelOfCollector}`, '--format', format]);
  const gone = stdout.split('\n').flatMap((line) => {
    const [id, collector] = line.split(' ');
    return id && collector && isGone(collector) ? [id] : [];
  });
  if (gone.length > 0) await docker(['rm', '--force', '--volumes', ...gone]);
};

const isGone = (collector: string): boolean => {
  const [where, boot, pid, started] = collector.split('/');
  if (where !== machine()) return false;
  return boot !== bootId() || startTime(Number(pid)) !== started;
};

const machine = () => hostname().replaceAll('/', '-');

const bootId = (): string => {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown'; // not Linux
  }
};

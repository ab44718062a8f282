// ss beside a host: the witness of every socket's state. One small shell starts it again and again,
// because forking a shell of one megabyte costs less than half of forking Node.
import { spawn } from 'node:child_process';
import { now } from '../record/clock.ts';
import { clockOffset } from './clock.ts';
import { type CounterReading, startCounterWitness } from './counters.ts';

/** What ss printed, between which two moments (CLOCK_MONOTONIC, ns), and how far CLOCK_REALTIME was ahead then. */
export type RawSample = {
  begin: number;
  end: number;
  realtime: number;
  exit: number;
  text: string;
  /** The kernel's counters, read while ss ran. */
  counters: CounterReading;
};

export type SocketWitness = {
  /** Run ss once. Samples asked for at the same time are taken one after the other. */
  sample(): Promise<RawSample>;
  stop(): void;
};

type Printed = Omit<RawSample, 'counters'>;

const patienceMilliseconds = 10_000;

// ss complains on its error output where there is no cgroup mount, and works all the same: its exit status tells.
const command = 'while read -r _; do ss -tanoiem 2>/dev/null; echo "#end $?"; done';

export const startSocketWitness = (): SocketWitness => {
  const shell = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: { begin: number; resolve(sample: Printed): void; reject(error: Error): void }[] = [];
  const readCounters = startCounterWitness();
  let text = '';

  shell.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (let end = endLine.exec(text); end; end = endLine.exec(text)) {
      const printed = text.slice(0, end.index);
      text = text.slice(end.index + end[0].length);
      waiting.shift()?.resolve({ begin: 0, end: now(), realtime: clockOffset(), exit: Number(end[1]), text: printed });
    }
  });
  shell.on('error', () => {});
  shell.on('close', () => {
    for (const { reject } of waiting.splice(0)) reject(new Error('The shell that runs ss has ended.'));
  });

  let last: Promise<unknown> = Promise.resolve();
  const take = async (): Promise<RawSample> => {
    const { promise, resolve, reject } = Promise.withResolvers<Printed>();
    const begin = now();
    if (!shell.stdin.writable) throw new Error('The shell that runs ss has ended.');
    waiting.push({ begin, resolve, reject });
    shell.stdin.write('\n');
    const counters = readCounters();
    // What it may print later belongs to no sample any more.
    const giveUp = setTimeout(() => {
      reject(new Error(`ss has not ended for ${patienceMilliseconds / 1000} s: it has stopped.`));
      shell.kill('SIGKILL');
    }, patienceMilliseconds);
    return { ...(await promise.finally(() => clearTimeout(giveUp))), begin, counters };
  };
  return {
    sample: () => {
      const next = last.then(take, take);
      last = next.catch(() => {});
      return next;
    },
    stop: () => void shell.kill('SIGKILL'),
  };
};

const endLine = /^#end (\d+)\n/m;

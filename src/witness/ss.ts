// ss beside a host: the witness of every socket's state. One small shell starts it again and again,
// because forking a shell of one megabyte costs less than half of forking Node.
import { takeTurns } from '../control/in-turn.ts';
import { start } from '../process/child.ts';
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

export const startSocketWitness = async (): Promise<SocketWitness> => {
  const shell = await start('sh', ['-c', command], { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' });
  shell.stdin.on('error', () => {}); // its end is told below
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
  void shell.ended.then(() => {
    for (const { reject } of waiting.splice(0)) reject(new Error('The shell that runs ss has ended.'));
  });

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
  const inTurn = takeTurns();
  return {
    sample: () => inTurn(take),
    stop: () => void shell.kill('SIGKILL'),
  };
};

const endLine = /^#end (\d+)\n/m;

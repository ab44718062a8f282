// tcpdump beside a host: the witness of every frame on its link.
import { settledWithin } from '../control/settled-within.ts';
import { start } from '../process/child.ts';
import { snapLength } from '../record/snap-length.ts';

const patienceMilliseconds = 2000;
const buffer = ['-B', '16384', '-s', String(snapLength)];

/** What tcpdump says at its end: packets it wrote, packets its filter saw, packets the kernel threw away. */
export type CaptureCounts = { captured: number; received: number; droppedByKernel: number };

export type Capture = {
  /** Stop, and learn the counts. `undefined` when tcpdump ended without giving them. */
  stop(): Promise<CaptureCounts | undefined>;
};

/**
 * Capture on a device; the pcap (nanosecond times, Ethernet) goes to onBytes as it grows.
 * Resolves when tcpdump is listening. Throws, with tcpdump's own words, when it cannot.
 */
export const startCapture = async (device: string, onBytes: (bytes: Buffer) => void): Promise<Capture> => {
  // Dropping root needs setgroups, which a user namespace forbids: -Z root keeps tcpdump from trying.
  const keepRoot = process.getuid?.() === 0 ? ['-Z', 'root'] : [];
  const listening = Promise.withResolvers<'listening'>();
  const child = await start(
    'tcpdump',
    ['-i', device, '-n', ...keepRoot, '-U', '--immediate-mode', '--time-stamp-precision=nano', ...buffer, '-w', '-'],
    { stdout: 'pipe', onWords: (words) => words.includes('listening on') && listening.resolve('listening') },
  );
  child.stdout.on('data', onBytes);
  if ((await Promise.race([listening.promise, child.ended])) !== 'listening')
    throw new Error(`tcpdump ended before it listened: ${child.words()}`);

  return {
    stop: async () => {
      child.kill('SIGINT');
      child.kill('SIGCONT'); // one that somebody has stopped would never hear of it
      if (!(await settledWithin(patienceMilliseconds, child.ended))) child.kill('SIGKILL');
      return counts(child.words());
    },
  };
};

const counts = (words: string): CaptureCounts | undefined => {
  const count = (pattern: RegExp) => {
    const found = pattern.exec(words)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const captured = count(/(\d+) packets? captured/);
  const received = count(/(\d+) packets? received by filter/);
  const droppedByKernel = count(/(\d+) packets? dropped by kernel/);
  if (captured === undefined || received === undefined || droppedByKernel === undefined) return undefined;
  return { captured, received, droppedByKernel };
};

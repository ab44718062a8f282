// tcpdump beside a host: the witness of every frame on its link.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { settledWithin } from '../control/settled-within.ts';
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
  const child = spawn(
    'tcpdump',
    ['-i', device, '-n', ...keepRoot, '-U', '--immediate-mode', '--time-stamp-precision=nano', ...buffer, '-w', '-'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = once(child, 'close').catch(() => {});
  let words = '';
  child.stdout.on('data', onBytes);
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (text) => {
      words += text;
      if (words.includes('listening on')) resolve();
    });
    child.once('error', (error) => reject(new Error(`tcpdump could not be started: ${error.message}`)));
    child.once('exit', () => reject(new Error(`tcpdump ended before it listened: ${words.trim()}`)));
  });

  return {
    stop: async () => {
      child.kill('SIGINT');
      child.kill('SIGCONT'); // one that somebody has stopped would never hear of it
      if (!(await settledWithin(patienceMilliseconds, ended))) child.kill('SIGKILL');
      return counts(words);
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

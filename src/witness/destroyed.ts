// `ss -E` beside a host: the witness of every full socket the kernel destroys, with its last counters, from before the
// first process on. What it printed goes on as it came, each piece under a heading with the time (CLOCK_MONOTONIC, ns)
// at which it was read.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { now } from '../record/clock.ts';
import { destroyMarker } from './marker-socket.ts';

// Into a pipe ss would write a whole block at a time. It ends with this process: nothing would tell it to, as long as
// no socket is destroyed.
const command = ['--pdeathsig', 'KILL', 'stdbuf', '-oL', 'ss', '-HtnoieOE'];
const patienceMilliseconds = 3000;
const retryMilliseconds = 4;

export type DestroyedWitness = {
  /** Resolves when everything destroyed by now has been told: the kernel reports it a moment later, from a queue of work. */
  catchUp(): Promise<void>;
  /** The same, and the end of the witness. What it says of its end is told as well. */
  finish(): Promise<void>;
  stop(): void;
};

/** Resolves when it is listening, or has told that it does not. `tell` gets the text that is to be kept. */
export const startDestroyedWitness = async (tell: (text: string) => void): Promise<DestroyedWitness> => {
  const child = spawn('setpriv', command, { stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  let ended: string | undefined;
  let onText = (_text: string) => {};
  let stopping = false;
  const end = (how: string) => {
    if (ended === undefined && !stopping) tell(`# lost t=${now()} reason=${how.trim().replaceAll('\n', ' ')}\n`);
    ended ??= how;
  };
  let line = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const t = now();
    const lines = (line + chunk).split('\n');
    line = lines.pop() as string;
    const text = lines.map((one) => `${one}\n`).join('');
    if (text === '') return;
    tell(`# read t=${t} bytes=${Buffer.byteLength(text)}\n${text}`);
    onText(text);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-500);
  });
  child.on('error', (error) => end(error.message));
  child.on('close', (code, signal) => end(`ss -E ended (${signal ?? `exit code ${code}`}). ${words}`));

  /** Destroy sockets of our own until one is reported. Resolves to whether it was. */
  const reported = async (attempts: 'one' | 'many'): Promise<boolean> => {
    const markers = new Set<string>();
    const seen = Promise.withResolvers<true>();
    onText = (text) => {
      for (const [, cookie = ''] of text.matchAll(/ sk:([0-9a-f]+)/g)) if (markers.has(cookie)) seen.resolve(true);
    };
    const deadline = performance.now() + patienceMilliseconds;
    markers.add(destroyMarker());
    while (ended === undefined && performance.now() < deadline) {
      if (await Promise.race([seen.promise, pause(retryMilliseconds, false)])) return true;
      if (attempts === 'many') markers.add(destroyMarker());
    }
    return false;
  };

  if (await reported('many')) tell(`# listening t=${now()}\n`);
  else end(`ss -E did not report within ${patienceMilliseconds / 1000} s that a socket was destroyed. ${words}`);

  const catchUp = async () => {
    if (ended === undefined && !(await reported('one'))) end('what was destroyed last has not been reported');
  };
  return {
    catchUp,
    finish: async () => {
      if (ended !== undefined) return;
      const t = now();
      await catchUp();
      if (ended !== undefined) return;
      stopping = true;
      tell(`# end t=${t} drops=${drops()}\n`);
    },
    stop: () => {
      stopping = true;
      child.kill('SIGKILL');
    },
  };
};

/** How many reports the kernel could not put into a listener's buffer, by /proc/net/netlink of this network namespace. */
const drops = (): number => {
  const rows = readFileSync('/proc/net/netlink', 'latin1').trim().split('\n').slice(1);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, protocol, , groups]) => protocol === NETLINK_SOCK_DIAG && Number.parseInt(groups ?? '0', 16) !== 0)
    .reduce((sum, row) => sum + Number(row[8]), 0);
};

/** linux/netlink.h */
const NETLINK_SOCK_DIAG = '4';

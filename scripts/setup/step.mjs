// One step of the set-up: a line on stderr that ends with its time, and a program whose output is kept for the case of failure.
import { spawn } from 'node:child_process';

/**
 * @template T
 * @param {string} title
 * @param {(text: string) => void} say
 * @param {() => Promise<T>} act
 */
export const step = async (title, say, act) => {
  const begin = Date.now();
  say(`finwait: ${title} … `);
  try {
    const result = await act();
    say(`done in ${((Date.now() - begin) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    say('failed\n');
    throw error;
  }
};

/**
 * Run a program to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { lock?: import('./exclusively.mjs').Lock }} [options] `lock` is
 * held by the program as well
 * @returns {Promise<{ ok: boolean, log: string }>} `log` is stdout and stderr as they came
 */
export const run = (command, args, { lock, ...options } = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe', lock ?? 'ignore'] });
    let log = `$ ${command} ${args.join(' ')}\n`;
    const keep = (/** @type {Buffer} */ bytes) => {
      log += bytes.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', (error) => resolve({ ok: false, log: `${log}${error.message}\n` }));
    child.on('close', (code) => resolve({ ok: code === 0, log }));
  });

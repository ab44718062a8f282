import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { exclusively } from './exclusively.mjs';

const module = fileURLToPath(new URL('exclusively.mjs', import.meta.url));

// A process that takes the lock, prints a line, and keeps it until it is told to go or is killed.
const holder = async (name: string, line = '"held"') => {
  const code = `
    import { spawn } from 'node:child_process';
    import { exclusively } from ${JSON.stringify(module)};
    await exclusively(${JSON.stringify(name)}, () => {}, (lock) => new Promise((resolve) => {
      process.stdin.once('data', resolve);
      console.log(${line});
    }));
    process.exit();`;
  const child = execa(process.execPath, ['--input-type=module', '--eval', code], { reject: false });
  const [words] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, words: words.toString().trim() };
};

const entered = (name: string) => {
  const told: string[] = [];
  const state = { told, inside: false, done: Promise.resolve() };
  state.done = exclusively(
    name,
    (text: string) => told.push(text),
    async () => {
      state.inside = true;
    },
  );
  return state;
};

it('the second waits until the first has finished, and says that it waits', async () => {
  const name = randomUUID();
  const { child: first } = await holder(name);
  const second = entered(name);
  await expect.poll(() => second.told).toHaveLength(1);
  expect(second.inside).toBe(false);
  first.stdin.write('go\n');
  await second.done;
  expect(second.inside).toBe(true);
});

it('a killed holder lets the next one in', async () => {
  const name = randomUUID();
  const { child: first } = await holder(name);
  const second = entered(name);
  await expect.poll(() => second.told).toHaveLength(1);
  first.kill('SIGKILL');
  await second.done;
  expect(second.inside).toBe(true);
});

it('a program that outlives its killed holder still keeps the next one waiting', async () => {
  const name = randomUUID();
  const sleep = `spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', lock] }).pid`;
  const { child: first, words: pid } = await holder(name, sleep);
  first.kill('SIGKILL');
  await first;
  const second = entered(name);
  await expect.poll(() => second.told).toHaveLength(1);
  expect(second.inside).toBe(false);
  process.kill(Number(pid));
  await second.done;
});

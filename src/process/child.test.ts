import { expect, test } from 'vitest';
import { outputOf, run, start } from './child.ts';

test('what a program printed, without its last line break', async () => {
  expect(await run('sh', ['-c', 'echo out; echo err >&2'])).toEqual({
    ok: true,
    isMissing: false,
    code: 0,
    stdout: 'out',
    stderr: 'err',
    words: '',
  });
  expect(await outputOf('cat', [], { input: 'given' })).toBe('given');
});

test('a program that fails tells its exit code and its words', async () => {
  expect(await run('sh', ['-c', 'echo why >&2; exit 3'])).toMatchObject({
    ok: false,
    isMissing: false,
    code: 3,
    words: expect.stringMatching(/^Command failed with exit code 3: sh .*\n\nwhy$/s),
  });
  await expect(outputOf('sh', ['-c', 'echo why >&2; exit 3'])).rejects.toThrow(/why$/);
});

test('a program that is not there is told apart from one that fails', async () => {
  expect(await run('no-such-program', [])).toMatchObject({
    ok: false,
    isMissing: true,
    words: expect.stringContaining('spawn no-such-program ENOENT'),
  });
  await expect(outputOf('no-such-program', [])).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a program that takes too long is ended, by SIGKILL where it will not', async () => {
  const begun = performance.now();
  const ended = await run('sh', ['-c', 'trap "" TERM; echo deaf; exec sleep 60'], { timeout: 100 });
  expect(ended).toMatchObject({ ok: false, signal: 'SIGKILL', stdout: 'deaf' });
  expect(ended.words).toContain('timed out after 100 milliseconds');
  expect(performance.now() - begun).toBeGreaterThan(2000);
});

test('of a child that stays the end of its words is kept, and its end is told', async () => {
  const child = await start('sh', ['-c', 'yes word | head -n 1000 >&2; echo last >&2; echo listening; read -r _'], {
    stdin: 'pipe',
    stdout: 'pipe',
  });
  const [first] = await child.stdout.take(1).toArray();
  expect(String(first)).toBe('listening\n');
  expect(child.isRunning()).toBe(true);
  child.kill('SIGTERM');
  expect(await child.ended).toEqual({ how: 'SIGTERM' });
  expect(child.isRunning()).toBe(false);
  expect(child.words()).toMatch(/word\nlast$/);
  expect(child.words().length).toBeLessThanOrEqual(2000);
});

test('a child that cannot be started ends at once, and says why', async () => {
  const child = await start('no-such-program', []);
  expect(await child.ended).toEqual({ how: 'spawn no-such-program ENOENT' });
  expect(child.pid).toBeUndefined();
  expect(child.isRunning()).toBe(false);
  expect(child.words()).toBe('spawn no-such-program ENOENT');
  expect(child.kill('SIGTERM')).toBe(false);
});

test('what is given as the environment is all of it', async () => {
  const child = await start('env', [], { stdout: 'pipe', env: { PATH: process.env.PATH, ONLY: 'this' } });
  const lines = Buffer.concat(await child.stdout.toArray())
    .toString()
    .trim()
    .split('\n')
    .sort();
  expect(lines).toEqual(['ONLY=this', `PATH=${process.env.PATH}`]);
});

test('no handler of signals is set for a child', async () => {
  const listeners = () => ['SIGTERM', 'SIGINT', 'SIGHUP', 'exit'].map((event) => process.listenerCount(event));
  const before = listeners();
  const child = await start('sleep', ['60']);
  expect(listeners()).toEqual(before);
  child.kill('SIGKILL');
  await child.ended;
});

import { expect, test } from 'vitest';
import { createLooks, reasonToLook } from './looks.ts';

test('looks are taken one after the other, and those asked for meanwhile are one', async () => {
  const begun: { reason: string; end(): void }[] = [];
  const looks = createLooks((reason) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    begun.push({ reason, end: resolve });
    return promise;
  });
  let taken = 0;
  void looks.look('first').then(() => taken++);
  await Promise.resolve();
  for (const reason of ['second', 'third', 'second', 'fourth', 'fifth']) void looks.look(reason).then(() => taken++);
  expect(begun.map(({ reason }) => reason)).toEqual(['first']);
  const all = looks.taken();
  begun[0]?.end();
  await turns();
  expect(begun.map(({ reason }) => reason)).toEqual(['first', 'second, third, fourth and 1 more']);
  expect(taken).toBe(1);
  begun[1]?.end();
  await all;
  expect(taken).toBe(6);
});

test('a look that fails is told to who asked for it, and ends nothing', async () => {
  const looks = createLooks(() => Promise.reject(new Error('the lab is lost')));
  await expect(looks.look('first')).rejects.toThrow('the lab is lost');
  await expect(looks.look('second')).rejects.toThrow('the lab is lost');
  await looks.taken();
});

test('which records ask for one', () => {
  const common = { t: 1, host: 'client', process: 'app' } as const;
  expect(reasonToLook({ type: 'process', ...common, edge: 'exit' })).toBe('end of app');
  expect(reasonToLook({ type: 'process', ...common, edge: 'start' })).toBeUndefined();
  expect(reasonToLook({ type: 'emit', ...common, target: 'socket-1', name: 'close' })).toBe(
    "'close' of socket-1 in app",
  );
  expect(reasonToLook({ type: 'emit', ...common, target: 'socket-1', name: 'data' })).toBeUndefined();
});

const turns = () => new Promise((resolve) => setImmediate(resolve));

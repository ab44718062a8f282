import { expect, test } from 'vitest';
import { startTimeout } from './timeout.ts';

test('expires after its time, once', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const begin = performance.now();
  startTimeout(30, resolve);
  await promise;
  expect(performance.now() - begin).toBeGreaterThanOrEqual(29);
});

test('the time in which somebody was thinking does not count', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const begin = performance.now();
  const thinksFor = 60;
  startTimeout(30, resolve, () => Math.min(thinksFor, performance.now() - begin));
  await promise;
  expect(performance.now() - begin).toBeGreaterThanOrEqual(30 + thinksFor - 2);
});

test('while somebody thinks it does not expire; called off, it never does', async () => {
  let expired = false;
  const begin = performance.now();
  const callOff = startTimeout(
    5,
    () => (expired = true),
    () => performance.now() - begin,
  );
  await new Promise((resolve) => setTimeout(resolve, 40));
  callOff();
  expect(expired).toBe(false);
});

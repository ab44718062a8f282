import { expect, test } from 'vitest';
import { runPool } from './pool.ts';

/** Jobs whose ends are in the test's hands. */
const jobs = (...waits: number[]) => {
  const begun: number[] = [];
  const ends = waits.map(() => Promise.withResolvers<number>());
  const idle: ((isIdle: boolean) => void)[] = [];
  const list = waits.map((seconds, nth) => ({
    waits: seconds,
    start: (setIdle: (isIdle: boolean) => void) => {
      begun.push(nth);
      idle[nth] = setIdle;
      return ends[nth]?.promise as Promise<number>;
    },
  }));
  return {
    list,
    begun,
    end: (nth: number) => ends[nth]?.resolve(nth),
    fail: (nth: number) => ends[nth]?.reject(new Error('broken')),
    idle,
  };
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('the longest waits begin first, and outcomes keep the order of the jobs', async () => {
  const { list, begun, end } = jobs(0, 60, 5);
  const outcomes = runPool(list, 2);
  expect(begun).toEqual([1, 2]);
  end(2);
  await turn();
  expect(begun).toEqual([1, 2, 0]);
  end(0);
  end(1);
  expect(await outcomes).toEqual([0, 1, 2]);
});

test('one that is idle makes room for another', async () => {
  const { list, begun, end, idle } = jobs(9, 8, 7);
  const outcomes = runPool(list, 1);
  expect(begun).toEqual([0]);
  idle[0]?.(true);
  expect(begun).toEqual([0, 1]);
  idle[0]?.(false); // both work now: a third has to wait for both
  end(1);
  await turn();
  expect(begun).toEqual([0, 1]);
  end(0);
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  end(2);
  expect(await outcomes).toEqual([0, 1, 2]);
});

test('one that throws ends the rest', async () => {
  const { list, begun, fail } = jobs(3, 2, 1);
  const outcomes = runPool(list, 1);
  fail(0);
  await expect(outcomes).rejects.toThrow('broken');
  await turn();
  expect(begun).toEqual([0]);
});

test('no job is no work', async () => {
  expect(await runPool([], 2)).toEqual([]);
});

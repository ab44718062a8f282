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
const values = (outcomes: PromiseSettledResult<number>[]) =>
  outcomes.map((one) => (one.status === 'fulfilled' ? one.value : one.reason));
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
  expect(values(await outcomes)).toEqual([0, 1, 2]);
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
  expect(values(await outcomes)).toEqual([0, 1, 2]);
});

test('one that throws is told of, and the others go on', async () => {
  const { list, begun, fail, end } = jobs(3, 2, 1);
  const outcomes = runPool(list, 1);
  fail(0);
  end(1);
  end(2);
  expect(await outcomes).toEqual([
    { status: 'rejected', reason: new Error('broken') },
    { status: 'fulfilled', value: 1 },
    { status: 'fulfilled', value: 2 },
  ]);
  expect(begun).toEqual([0, 1, 2]);
});

test('no job is no work', async () => {
  expect(await runPool([], 2)).toEqual([]);
});

// Runs many experiments side by side: as many as keep the cores honest. One that only waits (for TIME-WAIT to end, say)
// costs nothing and makes room for another; those with the longest waits begin first.

export type Job<T> = {
  /** The longest wait in it, seconds. */
  waits: number;
  /** Do it, and say whenever it begins or ends to be idle. */
  start(idle: (isIdle: boolean) => void): Promise<T>;
};

/**
 * Resolves to what became of each job, in their order. At most `busy` of them work at once; one that throws is no
 * reason to give the others up.
 */
export const runPool = async <T>(jobs: readonly Job<T>[], busy: number): Promise<PromiseSettledResult<T>[]> => {
  const waiting = jobs.map((job, index) => ({ job, index })).sort((a, b) => b.job.waits - a.job.waits);
  const outcomes = new Array<PromiseSettledResult<T>>(jobs.length);
  const { promise, resolve } = Promise.withResolvers<PromiseSettledResult<T>[]>();
  let working = 0;
  let unfinished = jobs.length;

  const admit = () => {
    while (working < busy) {
      const next = waiting.shift();
      if (!next) return;
      void begin(next);
    }
  };
  const begin = async ({ job, index }: { job: Job<T>; index: number }) => {
    let isIdle = false;
    const setIdle = (idle: boolean) => {
      if (idle === isIdle) return;
      isIdle = idle;
      working += idle ? -1 : 1;
      admit();
    };
    working++;
    const [outcome] = await Promise.allSettled([job.start(setIdle)]);
    outcomes[index] = outcome;
    setIdle(true);
    if (--unfinished === 0) resolve(outcomes);
  };
  if (jobs.length === 0) resolve(outcomes);
  admit();
  return promise;
};

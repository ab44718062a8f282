// Runs many experiments side by side: as many as keep the cores honest. One that only waits (for TIME-WAIT to end, say) costs nothing
// and makes room for another; those with the longest waits begin first.

export type Job<T> = {
  /** The longest wait in it, seconds. */
  waits: number;
  /** Do it, and say whenever it begins or ends to be idle. */
  start(idle: (isIdle: boolean) => void): Promise<T>;
};

/** Resolves to the outcomes, in the order of the jobs. At most `busy` of them work at once; a job that throws ends the rest. */
export const runPool = async <T>(jobs: readonly Job<T>[], busy: number): Promise<T[]> => {
  const waiting = jobs.map((job, index) => ({ job, index })).sort((a, b) => b.job.waits - a.job.waits);
  const outcomes = new Array<T>(jobs.length);
  const { promise, resolve, reject } = Promise.withResolvers<T[]>();
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
    try {
      outcomes[index] = await job.start(setIdle);
    } catch (error) {
      waiting.length = 0;
      reject(error);
    }
    setIdle(true);
    if (--unfinished === 0) resolve(outcomes);
  };
  if (jobs.length === 0) resolve(outcomes);
  admit();
  return promise;
};

// Acts that take a while, one after the other in the order in which they were asked for.

/** Each act begins when all before it have ended, well or not. */
export const takeTurns = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(act: () => Promise<T>): Promise<T> => {
    const next = last.then(act, act);
    last = next.catch(() => {});
    return next;
  };
};

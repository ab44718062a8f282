// A wait for something that may never end.

/** Resolves to whether the promise was settled, either way, within so many milliseconds. */
export const settledWithin = async (milliseconds: number, promise: Promise<unknown>): Promise<boolean> => {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), milliseconds);
  const settled = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, late.promise]).finally(() => clearTimeout(timer));
};

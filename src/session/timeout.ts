// A timeout that leaves out the time in which the run waited for somebody's decision.

/** Call `expire` once so many milliseconds have passed beside those `waited` counts. The returned function calls it off. */
export const startTimeout = (
  milliseconds: number,
  expire: () => void,
  waited: () => number = () => 0,
): (() => void) => {
  let counted = waited();
  let timer: NodeJS.Timeout;
  const wait = (span: number) => {
    timer = setTimeout(() => {
      const missed = waited() - counted;
      counted += missed;
      if (missed > 0) wait(missed);
      else expire();
    }, span);
  };
  wait(milliseconds);
  return () => clearTimeout(timer);
};

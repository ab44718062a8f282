// When the calls that strace wrote down had returned.
import type { Instant, TracedLine } from './strace-lines.ts';

/**
 * When each call had returned: with its second half, else before the next line of its thread, and not long after the
 * time it took, for strace only looks its arguments up in between.
 */
export const returnsOf = (
  lines: readonly TracedLine[],
  timeOf: (at: Instant) => number,
): ReadonlyMap<TracedLine, number> => {
  const next = new Map<number, number>();
  const returns = new Map<TracedLine, number>();
  for (const line of lines.toReversed()) {
    const at = timeOf(line.at);
    if (line.kind === 'call' && line.took !== undefined)
      returns.set(
        line,
        line.returnedAt
          ? timeOf(line.returnedAt)
          : Math.max(at + line.took, Math.min(at + line.took + lookingUp, (next.get(line.pid) ?? Infinity) - 1)),
      );
    next.set(line.pid, at);
  }
  return returns;
};

/** What it takes to look up the addresses of a socket among many (ns). */
const lookingUp = 1e6;

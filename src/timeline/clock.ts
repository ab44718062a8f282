// One clock for all: tcpdump stamps packets with CLOCK_REALTIME, everything else with CLOCK_MONOTONIC.
// Linux slews both alike (kernel/time/timekeeping.c), so their distance is constant until somebody sets the clock: a stair, not a slope.

/** CLOCK_REALTIME minus CLOCK_MONOTONIC as read at a moment of CLOCK_MONOTONIC; nanoseconds. */
export type OffsetReading = { at: number; offset: bigint };

export type Clock = {
  /** Nanoseconds since the start of the run for a moment of CLOCK_MONOTONIC. */
  fromMonotonic(t: number): number;
  /** Nanoseconds since the start of the run for a packet's time of CLOCK_REALTIME. */
  fromCapture(seconds: number, nanoseconds: number): number;
  /** Half the width of the span a captured time may lie in. */
  uncertainty: number;
};

/** Make the clock of a run that began at `start` (CLOCK_MONOTONIC, ns) from all readings of the offset, in any order. */
export const makeClock = (start: number, readings: OffsetReading[]): Clock => {
  const stairs = findStairs(readings.toSorted((a, b) => a.at - b.at));
  const levels = stairs.map(({ from, offset }) => ({
    from: from - start,
    seconds: Number(offset / second),
    nanoseconds: Number(offset % second),
  }));
  return {
    fromMonotonic: (t) => t - start,
    fromCapture: (seconds, nanoseconds) => {
      let at = 0;
      // With each stair the packet's time on the common clock; the last stair that had begun by then is the right one.
      for (const [index, level] of levels.entries()) {
        const time = (seconds - level.seconds) * 1e9 + (nanoseconds - level.nanoseconds) - start;
        if (index === 0 || time >= level.from) at = time;
      }
      return at;
    },
    uncertainty: Math.max(readingError, ...stairs.map(({ spread }) => spread)),
  };
};

const second = 1_000_000_000n;
/** The harness keeps the offset in a double: 256 ns apart for this century's dates, plus the time between two readings. */
const readingError = 1000;
/** Readings further apart than this, twice in a row, mean that the clock was set. A single one was an interrupted reading. */
const step = 200_000n;

type Stair = { from: number; offset: bigint; spread: number };

const findStairs = (readings: OffsetReading[]): Stair[] => {
  const runs: OffsetReading[][] = [];
  for (const [index, reading] of readings.entries()) {
    const level = runs.at(-1)?.[0]?.offset;
    const next = readings[index + 1];
    if (level === undefined || near(level, reading.offset)) {
      if (level === undefined) runs.push([]);
      runs.at(-1)?.push(reading);
    } else if (next && near(reading.offset, next.offset)) runs.push([reading]);
  }
  return runs.map(describe);
};

const near = (a: bigint, b: bigint) => a - b < step && b - a < step;

const describe = (run: OffsetReading[]): Stair => {
  const sorted = run.map(({ offset }) => offset).sort((a, b) => Number(a - b));
  const offset = sorted[sorted.length >> 1] as bigint;
  const spread = Math.max(Number(offset - (sorted[0] as bigint)), Number((sorted.at(-1) as bigint) - offset));
  return { from: (run[0] as OffsetReading).at, offset, spread };
};

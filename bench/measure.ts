// Measuring: medians of repeated runs, and the shape of a figure.

/** One line of the bench: a value, what it is held against in the same run, and their ratio. */
export type Figure = {
  name: string;
  value: number;
  unit: string;
  /** What `against` is. */
  peer: string;
  against: number;
  ratio: number;
  /** What the ratio should not exceed (or reach, with `atLeast`). */
  aim?: { atMost: number } | { atLeast: number };
};

export const figure = (
  name: string,
  value: number,
  unit: string,
  peer: string,
  against: number,
  aim?: Figure['aim'],
): Figure => ({
  name,
  value: round(value),
  unit,
  peer,
  against: round(against),
  ratio: round(value / against),
  aim,
});

/** Milliseconds of each of several runs, the middle one. One run before them does not count. */
export const medianTime = async (runs: number, work: () => unknown): Promise<number> => {
  await work();
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] as number;
};

const round = (value: number) => Number(value.toPrecision(4));

// The one clock of a lab.

/** CLOCK_MONOTONIC in nanoseconds: all processes of a machine share it, in containers too, and every record bears it. */
export const now = (): number => Number(process.hrtime.bigint());

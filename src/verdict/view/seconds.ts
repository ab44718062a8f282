// A moment of the run in words.

/** Nanoseconds since the start of the run as `1.234 s`. */
export const seconds = (nanoseconds: number): string => `${(nanoseconds / 1e9).toFixed(3)} s`;

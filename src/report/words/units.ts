// Times for people: three figures, in the unit that suits.

/** A span of nanoseconds: `0.3 ms`, `12 ms`, `203 ms`, `1.02 s`, `60.1 s`, `127 s`, `21 min`, `2.2 h`. */
export const span = (nanoseconds: number, gap = ' '): string => {
  const ms = nanoseconds / 1e6;
  if (ms < 9.95) return `${trim(ms.toFixed(1))}${gap}ms`;
  if (ms < 999.5) return `${ms.toFixed(0)}${gap}ms`;
  const seconds = ms / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)}${gap}s`;
  if (seconds < 99.95) return `${seconds.toFixed(1)}${gap}s`;
  if (seconds < 600) return `${seconds.toFixed(0)}${gap}s`;
  if (seconds < 7200) return `${(seconds / 60).toFixed(0)}${gap}min`;
  return `${(seconds / 3600).toFixed(1)}${gap}h`;
};

/** The same for a number of milliseconds. */
export const spanMs = (milliseconds: number): string => span(milliseconds * 1e6);

/** What is left of a timer as ss knows it: `1.60 s`, `203 ms`, but `59 s` where it left out the milliseconds. */
export const timerSpan = ({ expiresMs, resolutionMs }: { expiresMs: number; resolutionMs: number }): string =>
  resolutionMs >= 1000 && expiresMs < 600_000 ? `${Math.floor(expiresMs / 1000)} s` : spanMs(expiresMs);

/** How the time column of a timeline is written: milliseconds, or seconds when it lasts ten of them. */
export const clockFor = (duration: number): { unit: 'ms' | 's'; write(nanoseconds: number): string } =>
  duration < 10e9
    ? { unit: 'ms', write: (nanoseconds) => (nanoseconds / 1e6).toFixed(1) }
    : { unit: 's', write: (nanoseconds) => (nanoseconds / 1e9).toFixed(3) };

const trim = (text: string): string => (text === '0.0' ? '0' : text);

// Waiting in a script: for a moment, or for a call.
import { now } from '../../record/clock.ts';
import type { Session } from '../../session/session.ts';

/** Sleep until shortly before, then turn the event loop, which is exact to some microseconds. */
export const waitUntil = async (session: Session, moment: number): Promise<void> => {
  const left = (moment - now()) / 1e6;
  if (left > turningMilliseconds)
    await session.wait(new Promise((resolve) => setTimeout(resolve, left - turningMilliseconds)));
  while (now() < moment) await new Promise((resolve) => setImmediate(resolve));
};
const turningMilliseconds = 1.5;

/** What a promise resolves to, or nothing when it has not after so long. */
export const within = async <T>(
  session: Session,
  promise: Promise<T>,
  milliseconds: number,
): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  return session.wait(Promise.race([promise, late])).finally(() => clearTimeout(timer));
};

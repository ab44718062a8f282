// When ss looks while a script is played.
import { now } from '../../record/clock.ts';
import type { Session } from '../../session/session.ts';
import type { PktLine } from '../notation/script.ts';

/**
 * In lockstep the script waits after each line until ss has looked at all hosts. In freeRun ss looks whenever the
 * script is about to pause for long enough (ms), and the script goes on meanwhile: between lines that follow at once
 * nobody looks, so that nobody delays them.
 */
export const sampler = ({ wire, orAbort }: Session) => {
  let isLooking = false;
  return async (reason: string, pause: number): Promise<void> => {
    if (wire.isLockstep()) return void (await orAbort(wire.sampleAll(reason)));
    if (isLooking || pause < lookMilliseconds) return;
    isLooking = true;
    const done = () => {
      isLooking = false;
    };
    wire.sampleAll(reason).then(done, done);
  };
};
const lookMilliseconds = 5;

/** How long until the next line is due (ms); `zero` is when the script began. */
export const pauseBefore = (next: PktLine | undefined, zero = now()): number => {
  const time = next?.time;
  if (!time || time.kind === 'any') return Number.POSITIVE_INFINITY;
  return time.kind === 'relative' ? time.at * 1000 : time.at * 1000 - (now() - zero) / 1e6;
};

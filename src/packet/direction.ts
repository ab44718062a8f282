// The sequence numbers of one direction of a connection. Relative numbers are counted on from the highest one seen,
// so that they go on growing where the absolute ones wrap around.
import { sequenceAdd, sequenceDistance } from './sequence.ts';

export type Direction = {
  /** The initial sequence number, absolute; `undefined` until it is known or guessed. */
  isn: number | undefined;
  /** The number after the highest one seen, absolute and relative. */
  next: number;
  relativeNext: number;
  /** The other side has acknowledged the SYN: the initial sequence number cannot change any more. */
  acknowledged: boolean;
};

export const newDirection = (): Direction => ({ isn: undefined, next: 0, relativeNext: 0, acknowledged: false });

/** Count from this initial sequence number from now on. */
export const countFrom = (direction: Direction, isn: number): void => {
  direction.isn = isn >>> 0;
  direction.next = sequenceAdd(isn, 1);
  direction.relativeNext = 1;
};

/** A number of this direction relative to its initial sequence number; 0 as long as that is unknown. */
export const relativeTo = (direction: Direction, seq: number): number =>
  direction.isn === undefined ? 0 : direction.relativeNext + sequenceDistance(direction.next, seq);

/** Take note that everything up to `end` was sent. A jump no window allows (RFC 7323, section 2.3) is somebody's invention. */
export const advance = (direction: Direction, end: number): void => {
  const step = sequenceDistance(direction.next, end);
  if (step <= 0 || step > largestWindow) return;
  direction.next = end;
  direction.relativeNext += step;
};

/** How far a number lies outside of what this direction has sent so far; 0 when it lies within. */
export const strangeness = (direction: Direction, seq: number): number => {
  if (direction.isn === undefined) return 2 ** 32;
  const relative = relativeTo(direction, seq);
  return relative < 0 ? -relative : Math.max(0, relative - direction.relativeNext);
};

const largestWindow = 2 ** 30;

// Somebody who lets segments pass one by one.
import type { Fate } from './rules.ts';
import type { WireSegment } from './segment.ts';

/**
 * A segment that is about to be passed on. `rule` is what the script's rules will do with it; `behind` are those that
 * wait after it, by now.
 */
export type Waiting = { segment: WireSegment; rule?: Fate; behind(): WireSegment[] };

/** `pass`: as the rules say. The others are done by hand, whatever the rules say. */
export type Order = 'pass' | 'drop' | 'duplicate';

export type Gate = {
  /** Whether segments are held at all: when not, they pass as if there were no gate. */
  isShut(): boolean;
  /** Resolves when the segment may go on. */
  frame(waiting: Waiting): Promise<Order>;
};

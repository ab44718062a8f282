// Which stretch of the sequence diagram is drawn, and how.
import type { Item } from '../shapes.ts';

export type View = {
  /** Pixels. */
  width: number;
  /** Readable or true time. */
  scale: 0 | 1;
  /** Pixels from the top: what lies above `from` or below `to` is not drawn. */
  from: number;
  to: number;
  /** Width of a letter of the diagram's font, in pixels. */
  letter: number;
  /** Further classes of an item. */
  classesOf: (id: string) => string;
  /** Further attributes of an item. */
  attributesOf: (item: Item) => string;
  /** What an item is, in a sentence: its name for a screen reader, and what hovering shows. */
  titleOf: (item: Item) => string;
};

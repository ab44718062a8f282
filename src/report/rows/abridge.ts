// Thousands of rows tell nobody anything: unless every detail is asked for, the middle of a very long run is left out.

import { itemAt } from '../../record/item-at.ts';

const beginning = 300;
const ending = 100;

/** The first and last of `items`, with what `omitted` makes of the number left out in between. */
export const abridge = <T>(items: T[], isFull: boolean, omitted: (count: number, next: T) => T): T[] => {
  const count = items.length - beginning - ending;
  if (isFull || count <= 0) return items;
  const tail = items.slice(-ending);
  return [...items.slice(0, beginning), omitted(count, itemAt(tail, 0)), ...tail];
};

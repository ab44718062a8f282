// Words by how near they are to one that is none of them.

import { itemAt } from '../record/item-at.ts';

/** The nearest first. */
export const nearest = (word: string, words: readonly string[]): string[] =>
  words
    .map((one) => ({ one, away: distance(word, one) }))
    .sort((a, b) => a.away - b.away)
    .map(({ one }) => one);

/** The nearest one, if it may have been meant: two letters of it are otherwise at most, or a third. */
export const probablyMeant = (word: string, words: readonly string[]): string | undefined => {
  const [best = ''] = words.toSorted((a, b) => editsOf(word, a) - editsOf(word, b));
  const edits = editsOf(word, best);
  return edits <= Math.max(2, best.length / 3) && edits < best.length ? best : undefined;
};

/** Sharing a part brings words nearer. */
const distance = (a: string, b: string): number => editsOf(a, b) / (b.includes(a) || a.includes(b) ? 4 : 1);

/** Edits that turn one word into the other (Levenshtein). */
const editsOf = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min(itemAt(next, j) + 1, itemAt(row, j + 1) + 1, itemAt(row, j) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return itemAt(row, b.length);
};

// What the record and a message call the segments a rule or a wait is about: by the words of the condition, or by its
// line in the script.

import { nameOfSource } from '../experiment/source-name.ts';
import type { SegmentPredicate } from '../experiment/vocabulary.ts';
import type { HostName } from '../record/hosts.ts';
import type { Source } from '../record/source.ts';

/** `FIN from client`, `segments from client that fit the condition at half-close.ts:12`. */
export const segmentWords = (
  { description, name }: SegmentPredicate,
  { from, source }: { from?: HostName; source?: Source } = {},
): string => {
  const whose = from ? ` from ${from}` : '';
  if (description) return description.endsWith(whose) ? description : `${description}${whose}`;
  const known = name === '' || name === 'predicate' ? '' : ` ${name}`;
  return `segments${whose} that fit the condition${known}${source ? ` at ${nameOfSource(source)}` : ''}`;
};

/** One of them, in a message: `a segment with FIN from client`, `a segment that fits the condition at half-close.ts:12`. */
export const oneSegmentWords = (predicate: SegmentPredicate, source?: Source): string => {
  const words = segmentWords(predicate, { source });
  return words.startsWith('segments')
    ? words.replace('segments', 'a segment').replace('that fit ', 'that fits ')
    : `a segment with ${words}`;
};

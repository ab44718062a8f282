// A condition of the script, asked about a segment: what is neither true nor false, or throws, ends the run instead of
// meaning something.

import { RunError } from '../experiment/run-error.ts';
import type { SegmentPredicate } from '../experiment/vocabulary.ts';
import type { Source } from '../record/source.ts';
import { messageOf } from '../record/thrown.ts';
import type { WireSegment } from '../wire/segment.ts';
import { shown } from './checks/shown.ts';

/** The condition, which throws a RunError with the line of the word that was given it. */
export const asked =
  (predicate: SegmentPredicate, source?: Source) =>
  (segment: WireSegment): boolean => {
    let answer: unknown;
    try {
      answer = predicate(segment);
    } catch (error) {
      const words = `The condition on segments failed at ${segment.text} from ${segment.from}: ${messageOf(error)}.`;
      throw new RunError(words, 'ESCRIPT', source);
    }
    if (typeof answer === 'boolean') return answer;
    const words = `The condition on segments must give true or false, and gave ${shown(answer)} for ${segment.text} from ${segment.from}.`;
    throw new RunError(words, 'ESCRIPT', source);
  };

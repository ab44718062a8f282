// What a reader must know before trusting a verdict: the run ended early, or a witness did not see everything.
import type { Gap } from '../../record/gap.ts';
import type { Timeline } from '../../timeline/schema.ts';
import type { Result } from '../../verdict/schema.ts';
import { glyphsFor } from './glyphs.ts';
import { offTimelineWords } from './off-timeline.ts';
import { painter } from './paint.ts';
import type { Screen } from './screen.ts';
import type { Style } from './styles.ts';
import { visible, wrap } from './text.ts';
import { span } from './units.ts';

export const drawWarnings = (timeline: Timeline, { error, interrupted }: Result, screen: Screen): string[] => {
  const paint = painter(screen.colour);
  const glyphs = glyphsFor(screen);
  const warnings: [Style, string][] = [
    ...timeline.gaps.map((gap): [Style, string] => ['warning', `${glyphs.warning} ${gapWords(gap)}`]),
    ...offTimelineWords(timeline).map((words): [Style, string] => ['note', `${glyphs.between} ${words}`]),
  ];
  if (interrupted)
    warnings.push(['warning', `${glyphs.warning} The run was interrupted; what was recorded until then is judged.`]);
  if (error)
    warnings.push(['failed', `${glyphs.failed} The run ended with an error: ${error.message} (${error.code})`]);
  return warnings.flatMap(([style, text]) =>
    wrap(text, screen.width - 3).map((words, nth) => `${nth === 0 ? ' ' : '   '}${paint(style, words)}`),
  );
};

/** Which witness failed, where and when. */
export const gapWords = ({ witness, host, reason, from, to }: Gap): string => {
  const where = host ? ` on the ${host}` : '';
  const when = from !== undefined && to !== undefined ? ` between ${span(from)} and ${span(to)}` : '';
  return `A witness is missing: ${witness}${where}${when}: ${visible(reason)}`;
};

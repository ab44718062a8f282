// The coverage of RFC 9293's state diagram as text.
import { glyphsFor } from '../words/glyphs.ts';
import { painter } from '../words/paint.ts';
import type { Screen } from '../words/screen.ts';
import { columns, fill, wrap } from '../words/text.ts';
import type { Coverage, Witnessed } from './coverage.ts';

/** Every transition, by whom it was witnessed, and why not. The line with the counts comes last. */
export const renderCoverage = ({ drawn, beyond, skipped }: Coverage, screen: Screen): string => {
  const paint = painter(screen.colour);
  const glyphs = glyphsFor(screen);
  const name = ({ from, to }: Pick<Witnessed, 'from' | 'to'>) => `${from} ${glyphs.becomes} ${to}`;
  const width = Math.max(...[...drawn, ...beyond, ...skipped].map((one) => columns(name(one)))) + 2;
  const line = (mark: string, one: Pick<Witnessed, 'from' | 'to'>, words: string) =>
    wrap(words, Math.max(24, screen.width - width - 5)).map((text, nth) =>
      nth === 0 ? ` ${mark} ${fill(name(one), width)}${text}` : `   ${' '.repeat(width)}${text}`,
    );
  const seen = drawn.filter(({ by }) => by.length > 0);
  return `${[
    ` ${paint('heading', 'Transitions of RFC 9293, section 3.3.2')}`,
    ...drawn.flatMap((one) =>
      one.by.length > 0
        ? line(paint('held', glyphs.held), one, witnessWords(one.by))
        : line(
            paint('unknown', glyphs.dash),
            one,
            `never witnessed. ${one.hidden ?? 'None of these runs leads to it.'}`,
          ),
    ),
    ...(beyond.length > 0
      ? ['', ` ${paint('heading', 'Witnessed besides: the figure leaves resets, aborts and timeouts out')}`]
      : []),
    ...beyond.flatMap((one) => line(paint('held', glyphs.held), one, witnessWords(one.by))),
    ...(skipped.length > 0
      ? [
          '',
          ` ${paint('heading', 'Several transitions between two samples of ss: only the first and the last state were seen')}`,
        ]
      : []),
    ...skipped.flatMap((one) => line(paint('held', glyphs.held), one, witnessWords(one.by))),
    '',
    ` ${seen.length} of ${drawn.length} transitions witnessed, and ${beyond.length} ways to CLOSED the figure does not draw`,
  ].join('\n')}\n`;
};

const mostNames = 4;

const witnessWords = (by: Witnessed['by']): string => {
  const rest = by.length - mostNames;
  return (
    by
      .slice(0, mostNames)
      .map(({ experiment, event }) => `${experiment} ${event}`)
      .join(', ') + (rest > 0 ? ` and ${rest} more` : '')
  );
};

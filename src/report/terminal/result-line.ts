// The last line of a report: what came out, how long each phase took, and where the evidence lies.

import type { Result } from '../../verdict/schema.ts';
import { verdict } from '../../verdict/schema.ts';
import { glyphsFor } from '../words/glyphs.ts';
import { painter } from '../words/paint.ts';
import type { Screen } from '../words/screen.ts';
import { columns } from '../words/text.ts';
import { spanMs } from '../words/units.ts';
import { verdictWords } from '../words/verdict-words.ts';

/** One line where the screen has the columns, else its parts in as few lines as they fit. */
export const drawResultLine = (result: Result, screen: Screen): string[] => {
  const glyphs = glyphsFor(screen);
  const paint = painter(screen.colour);
  const phases = result.phases.map(({ name, ms }) => `${name} ${spanMs(ms)}`).join(` ${glyphs.between} `);
  const parts = [
    countWords(result, screen),
    spanMs(result.durationMs),
    ...(phases ? [paint('faint', phases)] : []),
    result.folder,
  ];
  const lines: string[] = [];
  for (const part of parts) {
    const longer = lines.length > 0 ? `${lines.at(-1)}   ${part}` : '';
    if (longer && (!screen.isTerminal || columns(longer) <= screen.width)) lines[lines.length - 1] = longer;
    else lines.push(` ${part}`);
  }
  return lines;
};

/** `2 reproduced, 1 refuted`, in the order of the verdicts' definition. */
export const countWords = (
  { findings, diagnoses, error, interrupted }: Pick<Result, 'findings' | 'diagnoses' | 'error' | 'interrupted'>,
  screen: Screen,
): string => {
  const paint = painter(screen.colour);
  const glyphs = glyphsFor(screen);
  const counts = verdict.options.flatMap((name) => {
    const count = findings.filter((finding) => finding.verdict === name).length;
    return count > 0 ? [paint(name, `${glyphs[name]} ${count} ${verdictWords(name)}`)] : [];
  });
  return [
    ...(interrupted ? [paint('warning', `${glyphs.warning} interrupted`)] : []),
    ...(error ? [paint('failed', `${glyphs.failed} ended by an error`)] : []),
    ...(counts.length > 0 || diagnoses ? counts : ['no findings']),
    ...(diagnoses ? [faultWords(diagnoses.filter(({ harmless }) => !harmless).length, screen)] : []),
  ].join(', ');
};

const faultWords = (count: number, screen: Screen): string =>
  count === 0
    ? 'nothing diagnosed'
    : painter(screen.colour)(
        'failed',
        `${glyphsFor(screen).failed} ${count} ${count === 1 ? 'fault' : 'faults'} diagnosed`,
      );

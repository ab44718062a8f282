// The faults a run shows, for the terminal: what happened, what to do, where it is written, and the evidence.
import type { Diagnosis } from '../../verdict/schema.ts';
import { glyphsFor } from './glyphs.ts';
import { painter } from './paint.ts';
import type { Screen } from './screen.ts';
import { wrap } from './text.ts';

export const drawDiagnoses = (diagnoses: readonly Diagnosis[], screen: Screen): string[] => {
  const lines = diagnoses.map((one) => drawDiagnosis(one, screen));
  return lines.flatMap((diagnosis, index) => (index === 0 ? diagnosis : ['', ...diagnosis]));
};

const drawDiagnosis = (
  { name, title, sentence, remedy, node, source, evidence, harmless }: Diagnosis,
  screen: Screen,
): string[] => {
  const paint = painter(screen.colour);
  const width = Math.max(20, screen.width - indent.length - label);
  const fact = (word: string, text: string) =>
    wrap(text, width).map(
      (words, nth) => `${indent}${paint('faint', (nth === 0 ? word : '').padEnd(label))}${paint('plain', words)}`,
    );
  const { failed, between } = glyphsFor(screen);
  const mark = harmless ? paint('faint', between) : paint('failed', failed);
  return [
    ` ${mark} ${paint('title', title)} ${paint('faint', `(${name})`)}`,
    ...wrap(sentence, screen.width - indent.length).map((words) => `${indent}${words}`),
    ...fact('remedy', remedy),
    ...(node ? fact('in Node', node) : []),
    ...fact('see', source),
    ...fact('evidence', evidence.slice(0, mostIds).join(' ') + (evidence.length > mostIds ? ' …' : '')),
  ];
};

const indent = '   ';
const label = 10;
const mostIds = 40;

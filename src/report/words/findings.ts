// The findings of a run: the verdict of each, the answer in a sentence, why, and what each case expected and saw.

import type { CaseResult, FindingResult } from '../../verdict/schema.ts';
import { glyphsFor } from './glyphs.ts';
import { painter } from './paint.ts';
import type { Screen } from './screen.ts';
import type { Style } from './styles.ts';
import { wrap } from './text.ts';
import { verdictWords } from './verdict-words.ts';

export const drawFindings = (findings: FindingResult[], screen: Screen): string[] => {
  const lines = findings.map((finding) => drawFinding(finding, screen));
  return lines.flatMap((finding, index) => (index === 0 ? finding : ['', ...finding]));
};

const drawFinding = ({ id, statement, verdict, answer, because, cases }: FindingResult, screen: Screen): string[] => {
  const paint = painter(screen.colour);
  const glyphs = glyphsFor(screen);
  const head = `${glyphs[verdict]} ${id.padEnd(3)} ${verdictWords(verdict).padEnd(12)}`;
  const [first = '', ...rest] = wrap(statement, screen.width - head.length - 4);
  const indent = ' '.repeat(head.length + 3);
  return [
    ` ${paint(verdict, head)}  ${paint('title', first)}`,
    ...rest.map((words) => `${indent}${paint('title', words)}`),
    ...wrap(answer, screen.width - 7).map((words) => `       ${paint(verdict, words)}`),
    ...(because ? wrap(because, screen.width - 7).map((words) => `       ${words}`) : []),
    ...cases.flatMap((each) => drawCase(each, screen)),
  ];
};

const drawCase = ({ name, role, why, outcome, expected, actual, evidence }: CaseResult, screen: Screen): string[] => {
  const paint = painter(screen.colour);
  const glyphs = glyphsFor(screen);
  const fact = (label: string, text: string, style: Style) => {
    const [first = '', ...rest] = wrap(text, Math.max(20, screen.width - labelled));
    return [
      `${' '.repeat(named)}${paint('faint', label.padEnd(labelled - named))}${paint(style, first)}`,
      ...rest.map((words) => `${' '.repeat(labelled)}${paint(style, words)}`),
    ];
  };
  const [title = '', ...more] = wrap(roleAndName({ role, name }), Math.max(20, screen.width - named));
  return [
    `       ${paint(outcome, `${glyphs[outcome]} ${(outcome === 'not-applicable' ? 'n/a' : outcome).padEnd(8)}`)}${title}`,
    ...more.map((words) => ' '.repeat(named) + words),
    ...(why ? fact('why', why, 'faint') : []),
    ...fact('expected', expected, 'plain'),
    ...fact('actual', actual, outcome === 'held' ? 'plain' : outcome),
    ...(evidence.length > 0 ? fact('evidence', evidenceWords(evidence), 'faint') : []),
  ];
};

/** The first of them, and how many more there are: result.json and the page name all. */
const evidenceWords = (evidence: readonly string[]): string => {
  const more = evidence.length - mostIds;
  return more > 0 ? `${evidence.slice(0, mostIds).join(' ')} and ${more} more` : evidence.join(' ');
};
const mostIds = 40;

/** `limit: with data unread`. A claim is what a case is unless it says otherwise. */
export const roleAndName = ({ role, name }: Pick<CaseResult, 'role' | 'name'>): string =>
  role === 'claim' ? name : `${role}: ${name}`;

/** The columns at which a case's name begins, and what was expected and what was seen begin. */
const named = 17;
const labelled = 27;

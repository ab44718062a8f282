// A result as a terminal may show it: what cases and errors say holds words of programs and scripts, and those move no cursor.
import type { FindingResult, Result } from '../../verdict/schema.ts';
import { visible } from '../words/text.ts';

export const shownResult = (result: Result): Result => ({
  ...result,
  experiment: visible(result.experiment),
  title: visible(result.title),
  ...(result.error && { error: { ...result.error, message: visibleLines(result.error.message) } }),
  findings: result.findings.map(shownFinding),
});

const shownFinding = (finding: FindingResult): FindingResult => ({
  ...finding,
  id: visible(finding.id),
  statement: visible(finding.statement),
  answer: visible(finding.answer),
  ...(finding.because !== undefined && { because: visible(finding.because) }),
  cases: finding.cases.map((one) => ({
    ...one,
    name: visible(one.name),
    expected: visible(one.expected),
    actual: visible(one.actual),
  })),
});

/** The message of an error may have several lines. */
const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

// Findings as test cases, for dashboards of continuous integration. A verdict is what an experiment is for: reproduced,
// conditional and refuted pass alike, and the verdict is a property. Inconclusive is an error: the question stayed
// open. So is a script that failed. What is not applicable on the machine is skipped.
import type { FindingResult, Result, Verdict } from '../../verdict/schema.ts';
import { roleAndName } from '../words/findings.ts';

/** JUnit's XML, one suite for each experiment. */
export const renderJunit = (results: Result[]): string => {
  const suites = results.map(suite);
  const sum = (count: (result: Result) => number) => results.reduce((total, result) => total + count(result), 0);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="finwait" tests="${sum(testsOf)}" failures="0" errors="${sum(errorsOf)}" time="${seconds(sum(({ durationMs }) => durationMs))}">
${suites.join('\n')}
</testsuites>
`;
};

const testsOf = ({ findings, error }: Result): number => findings.length + (error ? 1 : 0);
const errorsOf = ({ findings, error }: Result): number => countOf('inconclusive', findings) + (error ? 1 : 0);
const skippedOf = ({ findings }: Result): number => countOf('not-applicable', findings);
const countOf = (name: Verdict, findings: FindingResult[]): number =>
  findings.filter(({ verdict }) => verdict === name).length;
const seconds = (ms: number): string => (ms / 1000).toFixed(3);

const suite = (result: Result): string => {
  const { experiment, title, startedAt, durationMs, environment, findings, error } = result;
  const facts = {
    title,
    kernel: environment.kernel,
    node: environment.node,
    wireMode: environment.wireMode,
    folder: result.folder,
  };
  return `  <testsuite name="${text(experiment)}" tests="${testsOf(result)}" failures="0" errors="${errorsOf(result)}" skipped="${skippedOf(result)}" time="${seconds(durationMs)}" timestamp="${startedAt.replace(/\.\d+Z$/, '')}">
    <properties>
${Object.entries(facts)
  .map(([name, value]) => `      <property name="${name}" value="${text(value)}"/>`)
  .join('\n')}
    </properties>
${[
  ...findings.map((finding) => testCase(finding, experiment)),
  ...(error
    ? [
        `    <testcase classname="${text(experiment)}" name="the script runs to its end" time="0">
      <error type="${text(error.code)}" message="${text(error.message)}"/>
    </testcase>`,
      ]
    : []),
].join('\n')}
  </testsuite>`;
};

const testCase = ({ id, statement, verdict, answer, cases }: FindingResult, experiment: string): string =>
  `    <testcase classname="${text(experiment)}" name="${text(`${id} ${statement}`)}" time="0">
      <properties><property name="verdict" value="${verdict}"/><property name="answer" value="${text(answer)}"/></properties>
${verdict === 'inconclusive' ? `      <error type="inconclusive" message="${text(answer)}"/>\n` : ''}${verdict === 'not-applicable' ? `      <skipped message="${text(answer)}"/>\n` : ''}      <system-out>${text(
    cases
      .map(
        ({ name, role, outcome, expected, actual, evidence }) =>
          `${outcome}: ${roleAndName({ role, name })}\n  expected ${expected}\n  actual   ${actual}\n  evidence ${evidence.join(' ')}`,
      )
      .join('\n'),
  )}</system-out>
    </testcase>`;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** XML 1.0 has no place for control characters, not even escaped. */
const text = (words: string): string =>
  words
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '�')
    .replace(/[&<>"]/g, (character) => entities[character] as string);

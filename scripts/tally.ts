// Counts tests in what vitest's JSON reporter writes, and keeps what failed ones say.
import { stripVTControlCharacters } from 'node:util';

export interface Tally {
  passed: number;
  failed: number;
  /** Of each failed test its file, its name and the beginning of what it says, for the end of a long run. */
  failures: string[];
}

/** Lines of a message: what was expected comes first, the stack and the rest are where the test was run. */
const mostLines = 8;

/**
 * @param report the reporter's file, empty when vitest ended before writing it
 * @param ok whether vitest ended with exit code 0
 */
export const tallyOf = (report: string, ok: boolean): Tally => {
  if (report === '') return { passed: 0, failed: 1, failures: [] };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(report) as Report;
  // A file that could not be loaded, or whose hooks failed, has no test to count as failed; it counts as one itself.
  const asOne = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some(isFailed),
  );
  const failed = numFailedTests + asOne.length;
  // An error outside of every test fails the run without failing a test.
  return {
    passed: numPassedTests,
    failed: ok ? failed : Math.max(1, failed),
    failures: [
      ...asOne.map(({ name, message }) => failureOf(name, message ?? '')),
      ...testResults.flatMap(({ name, assertionResults }) =>
        assertionResults
          .filter(isFailed)
          .map(({ fullName, failureMessages }) => failureOf(`${name}: ${fullName}`, failureMessages.join('\n'))),
      ),
    ],
  };
};

const isFailed = ({ status }: { status: string }) => status === 'failed';

const failureOf = (name: string, message: string) => {
  const said = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() && !/^ +at /.test(line));
  return [name, ...said.slice(0, mostLines).map((line) => `  ${line}`)].join('\n');
};

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    /** The test file's path. */
    name: string;
    status: string;
    /** Why a file could not be loaded, or what its hooks said. */
    message?: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

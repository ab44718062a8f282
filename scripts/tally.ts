// Counts tests in what vitest's JSON reporter writes.

export interface Tally {
  passed: number;
  failed: number;
}

/**
 * @param report the reporter's file, empty when vitest ended before writing it
 * @param ok whether vitest ended with exit code 0
 */
export const tallyOf = (report: string, ok: boolean): Tally => {
  if (report === '') return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(report) as Report;
  // A file that could not be loaded has no tests to count as failed; it counts as one itself.
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = numFailedTests + unloaded.length;
  // An error outside of every test fails the run without failing a test.
  return { passed: numPassedTests, failed: ok ? failed : Math.max(1, failed) };
};

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

import { describe, expect, it } from 'vitest';
import { tallyOf } from './tally.ts';

const report = (numPassedTests: number, numFailedTests: number, files: { status: string; tests: number }[]) =>
  JSON.stringify({
    numPassedTests,
    numFailedTests,
    testResults: files.map(({ status, tests }) => ({ status, assertionResults: Array(tests).fill({}) })),
  });

describe('the tally of a test run', () => {
  it('counts tests', () => {
    expect(tallyOf(report(7, 2, [{ status: 'failed', tests: 9 }]), false)).toEqual({ passed: 7, failed: 2 });
  });

  it('counts a file that could not be loaded as one failure', () => {
    const files = [
      { status: 'passed', tests: 7 },
      { status: 'failed', tests: 0 },
    ];
    expect(tallyOf(report(7, 0, files), false)).toEqual({ passed: 7, failed: 1 });
  });

  it('counts an error outside of every test as one failure', () => {
    expect(tallyOf(report(7, 0, [{ status: 'passed', tests: 7 }]), false)).toEqual({ passed: 7, failed: 1 });
  });

  it('counts a run that ended without a report as one failure', () => {
    expect(tallyOf('', false)).toEqual({ passed: 0, failed: 1 });
  });
});

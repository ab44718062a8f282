import { describe, expect, it } from 'vitest';
import { tallyOf } from './tally.ts';

const report = (numPassedTests: number, numFailedTests: number, files: { status: string; tests: number }[]) =>
  JSON.stringify({
    numPassedTests,
    numFailedTests,
    testResults: files.map(({ status, tests }) => ({
      name: 'a.test.ts',
      status,
      assertionResults: Array(tests).fill({ status, fullName: 'a test', failureMessages: [] }),
    })),
  });

describe('the tally of a test run', () => {
  it('counts tests', () => {
    expect(tallyOf(report(7, 2, [{ status: 'failed', tests: 9 }]), false)).toMatchObject({ passed: 7, failed: 2 });
  });

  it('counts a file that could not be loaded as one failure', () => {
    const files = [
      { status: 'passed', tests: 7 },
      { status: 'failed', tests: 0 },
    ];
    expect(tallyOf(report(7, 0, files), false)).toMatchObject({ passed: 7, failed: 1 });
  });

  it('counts an error outside of every test as one failure', () => {
    expect(tallyOf(report(7, 0, [{ status: 'passed', tests: 7 }]), false)).toMatchObject({ passed: 7, failed: 1 });
  });

  it('keeps what failed tests and files say, without their stacks', () => {
    const failed = {
      status: 'failed',
      fullName: 'a pair is equal',
      failureMessages: ['\u001b[31mexpected 1\u001b[39m\n    at x.ts:1:1'],
    };
    const testResults = [
      { name: 'a.test.ts', status: 'failed', assertionResults: [{ status: 'passed' }, failed] },
      { name: 'b.test.ts', status: 'failed', message: 'no module', assertionResults: [] },
      { name: 'c.test.ts', status: 'failed', message: 'no engine', assertionResults: [{ status: 'skipped' }] },
    ];
    const report = JSON.stringify({ numPassedTests: 1, numFailedTests: 1, testResults });
    expect(tallyOf(report, false)).toEqual({
      passed: 1,
      failed: 3,
      failures: ['b.test.ts\n  no module', 'c.test.ts\n  no engine', 'a.test.ts: a pair is equal\n  expected 1'],
    });
  });

  it('counts a run that ended without a report as one failure', () => {
    expect(tallyOf('', false)).toMatchObject({ passed: 0, failed: 1 });
  });
});

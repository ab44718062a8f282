// Which runs the tests may run a second time: those whose record says that the machine was too slow, and says nothing
// else against it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Gap } from '../src/record/gap.ts';
import type { JsonDocument } from '../src/verdict/schema.ts';
import { onlyTooSlow } from './finwait.ts';

const results = mkdtempSync(join(tmpdir(), 'finwait-second-try-'));
afterAll(() => rmSync(results, { recursive: true }));
const slow: Gap = { witness: 'wire', code: 'machine-too-slow', reason: 'lockstep was slower than the timer' };
const other: Gap = { witness: 'tcpdump', host: 'client', reason: 'the kernel dropped 3 packets' };
type Run = JsonDocument['runs'][number];
let count = 0;

const runWith = (gaps: Gap[], verdict: 'reproduced' | 'inconclusive', more: Partial<Run> = {}): Run => {
  const folder = join(results, String(count++));
  mkdirSync(folder);
  writeFileSync(join(folder, 'timeline.json'), JSON.stringify({ gaps }));
  const findings = [{ id: 'A2', statement: '', verdict, answer: '', cases: [] }];
  return { experiment: 'one', folder, durationMs: 1, findings, environment: {}, ...more } as unknown as Run;
};

const raised = "the wire's pauses raised the retransmission timeout of connection #1 on the client to 240 ms";
const raisedIn = (wireMode: 'freeRun' | 'lockstep') => {
  const cases = [{ name: '', outcome: 'unknown', expected: '', actual: raised, evidence: [] }];
  const findings = [{ id: 'C4', statement: '', verdict: 'inconclusive', answer: '', cases }];
  return runWith([], 'inconclusive', { findings, environment: { wireMode } } as unknown as Partial<Run>);
};

test.each([
  ['too slow, and nothing else', runWith([slow, slow], 'inconclusive'), [slow.reason, slow.reason]],
  ['decided all the same', runWith([slow], 'reproduced'), undefined],
  ['inconclusive for no gap', runWith([], 'inconclusive'), undefined],
  ['inconclusive for another reason', runWith([other], 'inconclusive'), undefined],
  ['too slow, and something was lost as well', runWith([slow, other], 'inconclusive'), undefined],
  [
    'too slow, and its script failed',
    runWith([slow], 'inconclusive', { error: { message: 'x', code: 'ESCRIPT' } }),
    undefined,
  ],
  ['slow in free run, by the timeout it raised', raisedIn('freeRun'), [raised]],
  ['slow in lockstep, by the timeout it raised', raisedIn('lockstep'), [raised]],
])('%s', (_what, run, reasons) => expect(onlyTooSlow(run)).toEqual(reasons));

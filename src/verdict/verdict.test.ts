import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildTimeline } from '../timeline/build.ts';
import { both, shakeHands, startRecording } from '../timeline/fixtures/recording.ts';
import type { Gap, Timeline } from '../timeline/schema.ts';
import { type Check, equal, holds, unknown } from './checks.ts';
import { finding, type Predicate } from './finding.ts';
import { judge } from './verdict.ts';

const timeline = (() => {
  const recording = startRecording();
  recording.stage('begin', 'handshake');
  shakeHands(recording);
  recording.stage('end', 'handshake');
  recording.after(1);
  recording.stage('begin', 'afterwards');
  recording.sample(both('ESTAB', 'ESTAB'));
  recording.stage('end', 'afterwards');
  return buildTimeline(recording.end());
})();

const verdictOf = (cases: Record<string, Predicate>, record: Timeline = timeline) => {
  const [judged] = judge({ X1: finding('a statement', cases, 'A reason.') }, record);
  if (!judged) throw new Error('there is one finding');
  return judged;
};
const saying =
  (outcome: Check['outcome']): Predicate =>
  () => ({ outcome, expected: 'this', actual: 'that', evidence: ['e1'] });

test('all held is reproduced, none is refuted, some is conditional, and one unknown leaves it open', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('held', 'failed', 'unknown'), { minLength: 1 }), (outcomes) => {
      const { verdict } = verdictOf(
        Object.fromEntries(outcomes.map((outcome, nth) => [`case ${nth}`, saying(outcome)])),
      );
      const all = (outcome: string) => outcomes.every((one) => one === outcome);
      const expected = outcomes.includes('unknown')
        ? 'inconclusive'
        : all('held')
          ? 'reproduced'
          : all('failed')
            ? 'refuted'
            : 'conditional';
      expect(verdict).toBe(expected);
    }),
  );
});

test('a finding without cases decides nothing', () => {
  expect(verdictOf({}).verdict).toBe('inconclusive');
});

test('because names the cases that decided, and what the finding says', () => {
  const { because } = verdictOf({ first: saying('held'), second: saying('failed'), third: saying('held') });
  expect(because).toBe('holds: first; third. fails: second. A reason.');
});

test('a predicate that throws is unknown, with its words', () => {
  const judged = verdictOf({ 'a connection too many': (run) => equal('port', 1, run.connection(5).client.port, []) });
  expect(judged.verdict).toBe('inconclusive');
  expect(judged.cases[0]).toMatchObject({ outcome: 'unknown', evidence: [] });
  expect(judged.cases[0]?.actual).toContain('there is no connection 5');
});

test('a check without evidence decides nothing, whatever it says', () => {
  for (const held of [true, false]) {
    expect(verdictOf({ 'nothing shown': () => holds('this', 'that', held, []) }).cases[0]).toMatchObject({
      outcome: 'unknown',
      actual: 'no event shows it (that)',
    });
  }
});

const blind = (gap: Omit<Gap, 'witness' | 'reason'>): Timeline => ({
  ...timeline,
  gaps: [{ witness: 'ss', reason: 'ss failed', ...gap }],
});
const lookAt =
  (stage: string): Predicate =>
  (run) => {
    const { id, rows } = run.during(stage).client.last();
    return holds('a row', `${rows.length} rows`, rows.length === 1, [{ id }]);
  };
const boundsOf = (stage: string) =>
  timeline.events.filter((event) => event.kind === 'stage' && event.text === stage).map(({ at }) => at);

test('a witness that was blind all the time leaves every case open', () => {
  const { verdict, cases } = verdictOf({ 'a row': lookAt('afterwards') }, blind({}));
  expect(verdict).toBe('inconclusive');
  expect(cases[0]).toMatchObject({ outcome: 'unknown', actual: 'a witness is missing: ss failed (1 rows)' });
});

test('a witness that was blind for a while concerns only those who looked at that while', () => {
  const [from, to] = boundsOf('afterwards');
  const record = blind({ from, to });
  expect(verdictOf({ 'a row': lookAt('afterwards') }, record).verdict).toBe('inconclusive');
  expect(verdictOf({ 'a row': lookAt('handshake') }, record).verdict).toBe('reproduced');
});

test('a case may say itself that nothing is known', () => {
  expect(verdictOf({ 'not measured': () => unknown('the capture began too late') }).cases[0]).toMatchObject({
    outcome: 'unknown',
    actual: 'the capture began too late',
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Gap } from '../record/gap.ts';
import { buildTimeline } from '../timeline/build.ts';
import { both, shakeHands, startRecording } from '../timeline/fixtures/recording.ts';
import type { Timeline } from '../timeline/schema.ts';
import { all, type Check, unknown } from './check.ts';
import { count, equal, holds } from './checks/checks.ts';
import { combine } from './combine.ts';
import { type Case, contrast, control, finding, limit, type Predicate, staged } from './finding.ts';
import { type CaseResult, findingResult } from './schema.ts';
import { judge } from './verdict.ts';
import { Unobserved } from './view/observation.ts';
import { type View, viewOf } from './view/view.ts';

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

const verdictOf = (cases: Record<string, Predicate | Case>, record: Timeline = timeline) => {
  const [judged] = judge({ X1: finding('a statement', cases, 'A reason.') }, record);
  if (!judged) throw new Error('there is one finding');
  return judged;
};
const saying =
  (outcome: Check['outcome']) =>
  (_run?: View): Check => ({ outcome, expected: 'this', actual: 'that', evidence: ['e1'] });

test('of claims, all held is reproduced, none is refuted, some is conditional, and one unknown leaves it open', () => {
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

const outcomes = ['held', 'failed', 'unknown'] as const;

test('limits and contrasts never change the verdict, whatever comes of them', () => {
  const claims = fc.array(fc.constantFrom(...outcomes), { minLength: 1, maxLength: 4 });
  const beside = fc.array(fc.record({ role: fc.constantFrom(limit, contrast), outcome: fc.constantFrom(...outcomes) }));
  fc.assert(
    fc.property(claims, beside, (claimed, others) => {
      const alone = claimed.map((outcome, nth): [string, Predicate] => [`claim ${nth}`, saying(outcome)]);
      const more = others.map(({ role, outcome }, nth): [string, Case] => [`other ${nth}`, role(saying(outcome))]);
      const { verdict } = verdictOf(Object.fromEntries(alone));
      expect(verdictOf(Object.fromEntries<Predicate | Case>([...more, ...alone])).verdict).toBe(verdict);
    }),
  );
});

const lacking = (() => {
  const recording = startRecording();
  recording.sample({ client: [], server: [] });
  recording.stage('lacks', 'go is not on this machine');
  return buildTimeline(recording.end());
})();

test('where the machine lacks what it needs, no case is applicable, and the verdict rests on those of others', () => {
  const cases = { 'with Go': saying('failed'), 'Go is there': control(saying('failed')) };
  const judged = verdictOf(cases, lacking);
  expect(judged).toMatchObject({ verdict: 'not-applicable', answer: 'Not applicable: go is not on this machine.' });
  const [event] = lacking.events.filter(({ kind }) => kind === 'stage');
  for (const one of judged.cases)
    expect(one).toMatchObject({
      outcome: 'not-applicable',
      actual: 'go is not on this machine',
      evidence: [event?.id],
    });
  expect(combine([judged, verdictOf({ 'with Node': saying('held') })])).toMatchObject([
    { verdict: 'reproduced', answer: 'True; not applicable on this machine with Go.' },
  ]);
  expect(combine([verdictOf({ 'with Node': saying('failed') }), judged])).toMatchObject([
    { verdict: 'refuted', answer: 'False on this kernel: that; not applicable on this machine with Go.' },
  ]);
  expect(combine([judged, verdictOf({ 'with Node': saying('unknown') })])[0]?.verdict).toBe('inconclusive');
});

test('it lacks nothing that a blind witness would have had to show', () => {
  const gaps: Gap[] = [{ witness: 'api', reason: 'a line cannot be read' }];
  const silent: Predicate = (run) => equal('segments', 0, run.segments().length, run.client.samples);
  expect(verdictOf({ 'with Go': silent }, { ...lacking, gaps }).verdict).toBe('inconclusive');
});

test('a control that failed, or is unknown, leaves it open, and is named first', () => {
  for (const outcome of ['failed', 'unknown'] as const) {
    const judged = verdictOf({ 'by default': saying('held'), 'ss sees the timer': control(saying(outcome)) });
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.cases[0]).toMatchObject({ name: 'ss sees the timer', role: 'control', outcome });
    expect(judged.answer).toMatch(/^Not decided: the control that ss sees the timer (failed|is unknown): that\.$/);
  }
  expect(verdictOf({ 'by default': saying('failed'), 'ss sees the timer': control(saying('held')) }).verdict).toBe(
    'refuted',
  );
});

test('a finding without claims decides nothing', () => {
  expect(verdictOf({}).verdict).toBe('inconclusive');
  expect(verdictOf({ 'with data': limit(saying('held')), 'it resets': contrast(saying('held')) }).verdict).toBe(
    'inconclusive',
  );
});

test('the answer and the order of the cases follow from them; because is what the finding says', () => {
  const { answer, because, cases } = verdictOf({
    'the wire does it': contrast(saying('held')),
    'with data': limit(saying('failed'), 'the article sends none'),
    'when idle': saying('held'),
    'when busy': saying('failed'),
  });
  expect(answer).toBe('Partly: true when idle; not when busy, nor with data.');
  expect(because).toBe('A reason.');
  const told = cases.map(({ name, role, why }: CaseResult) => [name, role, ...(why ? [why] : [])]);
  expect(told).toEqual([
    ['when busy', 'claim'],
    ['when idle', 'claim'],
    ['with data', 'limit', 'the article sends none'],
    ['the wire does it', 'contrast'],
  ]);
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

test('a wire that was too slow concerns the stage it was too slow in, and is no witness', () => {
  const [from, to] = boundsOf('handshake').map((at, nth) => at + (nth === 0 ? 1 : -1));
  const gap: Gap = { witness: 'wire', code: 'machine-too-slow', reason: 'a segment was sent again', from, to };
  const record = { ...timeline, gaps: [gap] };
  expect(verdictOf({ 'a row': lookAt('afterwards') }, record).verdict).toBe('reproduced');
  const { verdict, cases } = verdictOf({ 'a row': lookAt('handshake') }, record);
  expect(verdict).toBe('inconclusive');
  expect(cases[0]?.actual).toBe('the lab interfered: a segment was sent again (1 rows)');
});

test('a case may say itself that nothing is known', () => {
  expect(verdictOf({ 'not measured': () => unknown('the capture began too late') }).cases[0]).toMatchObject({
    outcome: 'unknown',
    actual: 'the capture began too late',
  });
});

test('what nobody saw leaves a case open, with the reason as it stands', () => {
  const { cases } = verdictOf({
    unseen: () => {
      throw new Unobserved('ss did not look');
    },
  });
  expect(cases[0]).toMatchObject({ outcome: 'unknown', actual: 'ss did not look' });
});

test('evidence is an event or a sample of the record, whatever the compiler was told', () => {
  const [row] = timeline.samples.at(-1)?.rows ?? [];
  const evidence = (...given: unknown[]) =>
    verdictOf({ 'a case': () => ({ ...saying('held')(viewOf(timeline)), evidence: given as string[] }) }).cases[0];
  expect(evidence('e1', 's1')).toMatchObject({ outcome: 'held', evidence: ['e1', 's1'] });
  for (const strange of ['e99999', 'event 1', undefined, null, 7])
    expect(evidence('e1', strange)).toMatchObject({ outcome: 'unknown', evidence: ['e1'] });
  expect(evidence('e99999')?.actual).toMatch(/^e99999 is no evidence: pass events, rows or samples of this run/);
  const { cases } = verdictOf({ 'a bare row': () => count('rows', 1, [row as unknown as { id: string }]) });
  expect(cases[0]).toMatchObject({ outcome: 'unknown', evidence: [] });
  expect(cases[0]?.actual).toContain('something without an id is no evidence');
});

test('a predicate that gives no check is named, and the others are judged', () => {
  const { cases } = verdictOf({ nothing: (() => true) as unknown as Predicate, something: saying('held') });
  expect(cases.map(({ outcome }) => outcome)).toEqual(['unknown', 'held']);
  expect(cases[0]?.actual).toContain('the case gives no check');
});

test('a predicate may give several checks, of which all must hold', () => {
  const { cases } = verdictOf({
    'all held': (run) => [saying('held')(run), [saying('held')(run), saying('held')(run)]],
    'one failed': (run) => [saying('held')(run), [saying('failed')(run), saying('unknown')(run)]],
    'one unknown': (run) => [saying('held')(run), saying('unknown')(run)],
    none: () => [],
  });
  const outcomes = Object.fromEntries(cases.map(({ name, outcome }) => [name, outcome]));
  expect(outcomes).toEqual({ 'all held': 'held', 'one failed': 'failed', 'one unknown': 'unknown', none: 'unknown' });
  expect(cases.find(({ name }) => name === 'none')?.actual).toBe('the case gives no check');
});

test('a staged finding shows each case the stage of its name, and leaves one without a stage unknown', () => {
  const seen = (run: View) => equal('connections that began', 1, run.connections.length, [{ id: 'e1' }]);
  const cases = { handshake: seen, afterwards: limit(seen, 'it began before'), nowhere: contrast(seen) };
  const [judged] = judge({ X1: staged('a statement', cases, 'A reason.') }, timeline);
  const told = Object.fromEntries(judged?.cases.map(({ name, role, outcome }) => [name, [role, outcome]]) ?? []);
  expect(told).toEqual({
    handshake: ['claim', 'held'],
    afterwards: ['limit', 'failed'],
    nowhere: ['contrast', 'unknown'],
  });
  expect(judged).toMatchObject({ because: 'A reason.', verdict: 'reproduced' });
});

test('a verdict of some cases of a statement names the experiments that have the others', () => {
  const findings = {
    X1: finding('a statement', { 'a case': saying('held') }),
    X2: finding('another', { it: saying('held') }),
  };
  const [partial, whole] = judge(findings, timeline, { X1: ['elsewhere', 'and-there'] });
  expect(partial).toMatchObject({ verdict: 'reproduced', answer: 'True. Further cases: elsewhere, and-there.' });
  expect(whole?.answer).toBe('True.');
});

test('a finding holds what its schema says and nothing besides, whatever its checks carry', () => {
  const judged = verdictOf({
    'a ground': () => ({ ...saying('held')(viewOf(timeline)), isGround: true, measures: true }),
    'no evidence': () => ({ ...saying('held')(viewOf(timeline)), evidence: [], isGround: true }),
    'a whole': () => all(equal('flags', 'S', 'S', [{ id: 'e1' }]), saying('held')(viewOf(timeline))),
  });
  expect(findingResult.parse(judged)).toStrictEqual(judged);
});

test('an ss that was blind does not take away what programs did, only what it would have shown', () => {
  const record = blind({ host: 'client' });
  const asks: [Predicate, string][] = [
    [(run) => count('connects', 1, run.client.calls('connect')), 'held'],
    [(run) => count('listeners', 1, run.server.last({ state: 'LISTEN' }).rows), 'held'],
    [(run) => count('sockets', 1, run.client.last().rows), 'unknown'],
    [(run) => count('SYNs', 1, run.segments({ flags: 'S' })), 'unknown'], // its cause may be a timer of the client
  ];
  for (const [predicate, outcome] of asks)
    expect(verdictOf({ asked: predicate }, record).cases[0]?.outcome).toBe(outcome);
});

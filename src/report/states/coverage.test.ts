import { expect, test } from 'vitest';
import { keyOf, transitions } from '../../timeline/states/transitions.ts';
import { closeTimeline } from '../fixtures/close.ts';
import { simultaneousTimeline } from '../fixtures/simultaneous.ts';
import { coverageOf, pathsOf } from './coverage.ts';
import { renderCoverage } from './coverage-table.ts';
import { drawStateDiagram } from './diagram.ts';

const coverage = () =>
  coverageOf([
    { experiment: 'close', paths: pathsOf(closeTimeline()) },
    { experiment: 'simultaneous', paths: pathsOf(simultaneousTimeline()) },
  ]);

test('transitions are counted by who witnessed them', () => {
  const { drawn } = coverage();
  const by = (key: string) => drawn.find((one) => keyOf(one) === key)?.by.map(({ experiment }) => experiment);
  expect(by('FIN-WAIT-1>CLOSING')).toEqual(['simultaneous']);
  expect(by('CLOSED>SYN-SENT')).toContain('close');
  expect(by('LISTEN>SYN-SENT')).toEqual([]);
});

test("a connection that appears in SYN-RECEIVED is the listener's transition of the RFC", () => {
  expect([...pathsOf(closeTimeline()).server.keys()]).toContain('LISTEN>SYN-RECEIVED');
});

test('what no run shows has its reason, and the counts come last', () => {
  const text = renderCoverage(coverage(), { width: 100, isTerminal: false, colour: false, unicode: true });
  expect(text).toMatch(/LISTEN → SYN-SENT +never witnessed\. Linux offers no way/);
  expect(text.trimEnd().split('\n').at(-1)).toMatch(/^ \d+ of 21 transitions witnessed/);
});

test('the diagram draws all 21 transitions once and lights those of each end', () => {
  const svg = drawStateDiagram({ paths: pathsOf(simultaneousTimeline()) });
  for (const transition of transitions) expect(svg.split(`data-way="${keyOf(transition)}"`)).toHaveLength(2);
  expect(svg).toMatch(/class="way w-both" data-way="FIN-WAIT-1>CLOSING" data-events="e\d+ e\d+"/);
});

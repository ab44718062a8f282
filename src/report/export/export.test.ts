import { describe, expect, test } from 'vitest';
import { closeResult, closeTimeline } from '../fixtures/close.ts';
import { simultaneousTimeline } from '../fixtures/simultaneous.ts';
import { renderJunit } from './junit.ts';
import { renderMermaid } from './mermaid.ts';
import { renderSvg } from './svg.ts';

test('every line of a Mermaid diagram is one of its statements', () => {
  for (const timeline of [closeTimeline(), simultaneousTimeline()]) {
    const [first, ...lines] = renderMermaid(timeline, 'A title; with # signs').trimEnd().split('\n');
    expect(first).toBe('sequenceDiagram');
    for (const line of lines) {
      expect(line).toMatch(
        /^ {2}(accTitle: .+|participant [CS] as .+|Note (over C,S|left of C|right of S): .+|[CS](->>|-x|--\))[CS]: .+)$/,
      );
      // A bare `;` would end the statement; those of the character codes are part of them.
      expect(line.replaceAll(/#\d+;/g, '')).not.toMatch(/[;#]/);
    }
  }
});

test('a lost segment ends in a cross', () => {
  expect(renderMermaid(closeTimeline(), 'x')).toMatch(/[CS]-x[CS]: .* lost/);
});

test('the picture holds every segment and needs nothing besides', () => {
  const timeline = closeTimeline();
  const svg = renderSvg(timeline, closeResult());
  for (const { id } of timeline.events.filter(({ kind }) => kind === 'segment'))
    expect(svg).toContain(`data-id="${id}"`);
  expect(svg).not.toMatch(/href|<script|var\(/);
});

describe('findings as test cases', () => {
  const result = closeResult();
  const [finding] = result.findings;
  const xml = (verdict: 'refuted' | 'inconclusive') =>
    renderJunit([
      {
        ...result,
        findings: [{ ...(finding as NonNullable<typeof finding>), verdict, statement: 'a <b> & "c"\u0001' }],
      },
    ]);

  test('a refuted statement is a success of the experiment', () => {
    expect(xml('refuted')).toContain('errors="0"');
    expect(xml('refuted')).toContain('<property name="verdict" value="refuted"/>');
  });

  test('an open question is an error', () =>
    expect(xml('inconclusive')).toMatch(/errors="1"[\s\S]*<error type="inconclusive"/));

  test('any text may stand in it', () => {
    expect(xml('refuted')).toContain('a &lt;b&gt; &amp; &quot;c&quot;\ufffd');
  });
});

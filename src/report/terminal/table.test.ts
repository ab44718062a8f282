import { expect, test } from 'vitest';
import { conclude } from '../../verdict/verdict.ts';
import { buildResult } from '../fixtures/build.ts';
import { closeResult } from '../fixtures/close.ts';
import { columns } from '../words/text.ts';
import { renderRepeat, renderTable } from './table.ts';

const screen = { width: 110, isTerminal: true, colour: false, unicode: true };

test('the findings of many experiments', () => {
  const failed = buildResult({ experiment: 'half-close', error: { message: 'The lab did not start.', code: 'ELAB' } });
  expect(renderTable([closeResult(), failed], screen, 1620)).toMatchInlineSnapshot(`
    " finding  verdict         statement                                  answer
     ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
     B1       ✓ reproduced    A normal close is four segments with the   True, but not when data is unread.
                              relative numbers FIN(1,1) ACK(1,2)
                              FIN(1,2) ACK(2,2).
     B10      ✗ refuted       TIME-WAIT lasts two MSL, which is four     False on this kernel: TIME-WAIT for 60.1
                              minutes by RFC 1122.                       s.
     D5       ◐ conditional   TIME-WAIT lets a lost last ACK be made     Partly: true when the last ACK is lost;
                              good: the retransmitted FIN is             not for the answer without the TIME-WAIT
                              acknowledged again; without TIME-WAIT the  socket.
                              answer would be a RST.
     E8       ? inconclusive  Options are negotiated on the SYN only.    Not decided: unknown for every segment: a
                                                                         witness is missing.
     –        ✗ no verdict    half-close                                 The lab did not start.

     ✗ ended by an error, ✓ 1 reproduced, ✗ 1 refuted, ◐ 1 conditional, ? 1 inconclusive   2 experiments in 1.62 s
    "
  `);
});

test('a statement that two experiments decide stands there once, decided by the cases of both', () => {
  const [conditional] = closeResult().findings.filter(({ verdict }) => verdict === 'conditional');
  if (!conditional) throw new Error('the fixture has a conditional finding');
  const only = (outcome: string) => conditional.cases.filter((one) => one.outcome === outcome);
  const results = (['held', 'failed'] as const).map((outcome) =>
    buildResult({ findings: [{ ...conditional, ...conclude(only(outcome)) }] }),
  );
  expect(results.map(({ findings }) => findings[0]?.verdict)).toEqual(['reproduced', 'refuted']);
  const table = renderTable(results, screen, 1000);
  expect(table.match(/^ D5 +◐ conditional /gm)).toHaveLength(1);
  expect(table).toMatch(/\n ◐ 1 conditional {3}2 experiments in/);
});

test('the share of each verdict over repeated runs', () => {
  const different = closeResult();
  different.findings[0]!.verdict = 'refuted';
  expect(renderRepeat([closeResult(), closeResult(), different], screen)).toMatchInlineSnapshot(`
    " finding  share of each verdict                 statement
     ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
     B1       ✓ reproduced 2 of 3 (66.6 %), ✗       A normal close is four segments with the relative numbers
              refuted 1 of 3 (33.3 %)               FIN(1,1) ACK(1,2) FIN(1,2) ACK(2,2).
     B10      ✗ refuted 3 of 3 (100 %)              TIME-WAIT lasts two MSL, which is four minutes by RFC 1122.
     D5       ◐ conditional 3 of 3 (100 %)          TIME-WAIT lets a lost last ACK be made good: the retransmitted
                                                    FIN is acknowledged again; without TIME-WAIT the answer would
                                                    be a RST.
     E8       ? inconclusive 3 of 3 (100 %)         Options are negotiated on the SYN only.

     3 runs, 812 ms in the median, 812 ms at most
    "
  `);
});

test.each([60, 80, 160])('%d columns are not exceeded', (width) => {
  for (const line of renderTable([closeResult()], { ...screen, width }, 1620)
    .split('\n')
    .slice(0, -2))
    expect(columns(line)).toBeLessThanOrEqual(width);
});

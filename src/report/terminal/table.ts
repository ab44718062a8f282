// Many results in a table: one line per finding of `run all`, or the share of each verdict over repeated runs.

import { itemAt } from '../../record/item-at.ts';
import { combine } from '../../verdict/combine.ts';
import type { FindingResult, Result, Verdict } from '../../verdict/schema.ts';
import { verdict as verdicts } from '../../verdict/schema.ts';
import { byId } from '../words/articles.ts';
import { glyphsFor } from '../words/glyphs.ts';
import { painter } from '../words/paint.ts';
import type { Screen } from '../words/screen.ts';
import type { Style } from '../words/styles.ts';
import { columns, fill, wrap } from '../words/text.ts';
import { spanMs } from '../words/units.ts';
import { verdictWords } from '../words/verdict-words.ts';
import { countWords } from './result-line.ts';
import { shownResult } from './shown-result.ts';

type TableCell = { text: string; style: Style };

/**
 * Findings of many experiments by id, one line for each statement: verdict, statement, answer. The line with the counts
 * and the time it all took comes last.
 */
export const renderTable = (given: Result[], screen: Screen, elapsedMs: number): string => {
  const results = given.map(shownResult);
  const findings = combine(results.flatMap((result) => result.findings)).toSorted((a, b) => byId(a.id, b.id));
  const rows = [
    ...findings.map((finding) => tableRow(finding, screen)),
    ...results.filter((result) => result.findings.length === 0).map((result) => missingRow(result, screen)),
  ];
  const errors = results.filter(({ error }) => error !== undefined);
  const counts = countWords(
    {
      findings,
      error: errors[0]?.error,
      interrupted: results.some(({ interrupted }) => interrupted),
    },
    screen,
  );
  const summary = ` ${counts}   ${results.length} experiments in ${spanMs(elapsedMs)}`;
  return `${[...drawTable(['finding', 'verdict', 'statement', 'answer'], rows, screen), '', summary].join('\n')}\n`;
};

/** The share of each verdict per finding over runs of one experiment: `reproduced 50 of 50 (100 %)`. */
export const renderRepeat = (given: Result[], screen: Screen): string => {
  const results = given.map(shownResult);
  const ids = [...new Set(results.flatMap(({ findings }) => findings.map(({ id }) => id)))];
  const rows = ids.map((id) =>
    repeatRow(
      results.flatMap(({ findings }) => findings.filter((finding) => finding.id === id)),
      results.length,
      screen,
    ),
  );
  const times = results.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  const failed = results.filter(({ error }) => error !== undefined).length;
  const summary = ` ${results.length} runs, ${spanMs(median)} in the median, ${spanMs(times.at(-1) ?? 0)} at most${failed > 0 ? `, ${failed} ended by an error` : ''}`;
  return `${[...drawTable(['finding', 'share of each verdict', 'statement'], rows, screen), '', summary].join('\n')}\n`;
};

const tableRow = ({ id, verdict, statement, answer }: FindingResult, screen: Screen): TableCell[] => [
  { text: id, style: 'heading' },
  { text: `${glyphsFor(screen)[verdict]} ${verdictWords(verdict)}`, style: verdict },
  { text: statement, style: 'plain' },
  { text: answer, style: 'plain' },
];

const missingRow = ({ experiment, error }: Result, screen: Screen): TableCell[] => [
  { text: glyphsFor(screen).dash, style: 'plain' },
  { text: `${glyphsFor(screen).failed} no verdict`, style: 'failed' },
  { text: experiment, style: 'plain' },
  { text: error?.message ?? 'It has no findings.', style: 'plain' },
];

const repeatRow = (findings: FindingResult[], runs: number, screen: Screen): TableCell[] => {
  const shares = verdicts.options.flatMap((name) => {
    const count = findings.filter(({ verdict }) => verdict === name).length;
    return count > 0 ? [{ name, count }] : [];
  });
  const most = shares.reduce((a, b) => (b.count > a.count ? b : a));
  const words = shares.map(
    ({ name, count }) => `${glyphsFor(screen)[name]} ${verdictWords(name)} ${count} of ${runs} (${share(count, runs)})`,
  );
  const style: Verdict = shares.length === 1 ? most.name : 'inconclusive';
  return [
    { text: findings[0]?.id ?? '', style: 'heading' },
    { text: words.join(', '), style },
    { text: findings[0]?.statement ?? '', style: 'plain' },
  ];
};

/** Never rounded up to 100 %: one run that differs must show. */
const share = (count: number, runs: number): string => `${Math.floor((count / runs) * 1000) / 10} %`;

const drawTable = (titles: string[], rows: TableCell[][], screen: Screen): string[] => {
  const paint = painter(screen.colour);
  const widths = tableWidths([titles, ...rows.map((cells) => cells.map(({ text }) => text))], screen.width - 1);
  const drawRow = (cells: TableCell[]): string[] => {
    const drawn = cells.map(({ text }, index) => wrap(text, itemAt(widths, index)));
    return Array.from({ length: Math.max(...drawn.map((lines) => lines.length)) }, (_, nth) =>
      ` ${cells.map(({ style }, index) => fill(paint(style, drawn[index]?.[nth] ?? ''), itemAt(widths, index))).join('  ')}`.trimEnd(),
    );
  };
  const rule = glyphsFor(screen).rule.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [
    ...drawRow(titles.map((text) => ({ text, style: 'faint' }))),
    ` ${paint('faint', rule)}`,
    ...rows.flatMap(drawRow),
  ];
};

/** Short columns keep their width; the last ones share what is left. */
const tableWidths = (rows: string[][], available: number): number[] => {
  const natural = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => columns(row[index] ?? ''))));
  const widths = natural.map((width, index) => (index === 0 ? width : Math.min(width, index === 1 ? 36 : width)));
  const gaps = (widths.length - 1) * 2;
  while (widths.reduce((sum, width) => sum + width, gaps) > available) {
    const widest = widths.indexOf(Math.max(...widths));
    if (itemAt(widths, widest) <= 12) break;
    widths[widest] = itemAt(widths, widest) - 1;
  }
  return widths;
};

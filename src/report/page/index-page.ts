// The page over all runs: every finding with its verdict, to be filtered, and the coverage of RFC 9293's state diagram.

import type { Result, Verdict } from '../../verdict/schema.ts';
import { type Coverage, coverageOf, type Paths } from '../states/coverage.ts';
import { drawStateDiagram } from '../states/diagram.ts';
import { articles, byId } from '../words/articles.ts';
import { spanMs } from '../words/units.ts';
import { toldInOrder, verdictWords } from '../words/verdict-words.ts';
import { badge } from './html.ts';
import { type Assets, escapeHtml, pageOf } from './page.ts';

export type IndexedRun = {
  result: Result;
  topic: string;
  paths: Paths /** Of the report, relative to the page. */;
  href: string;
};

/** One self-contained page; it links to the reports beside it. */
export const renderIndex = ({ runs, assets }: { runs: IndexedRun[]; assets: Assets }): string => {
  const findings = runs
    .flatMap((run) => run.result.findings.map((finding) => ({ run, finding })))
    .sort((a, b) => byId(a.finding.id, b.finding.id) || a.run.result.experiment.localeCompare(b.run.result.experiment));
  const rows = findings.map(({ run, finding: { id, statement, verdict, answer } }) => {
    const article = articleOf(id, run.result);
    return `<tr data-article="${article}" data-verdict="${verdict}" data-topic="${escapeHtml(run.topic)}"><td class="nowrap"><a href="${escapeHtml(run.href)}#${escapeHtml(id)}">${escapeHtml(id)}</a></td><td class="nowrap">${badge(verdict)}</td><td>${escapeHtml(statement)}<span class="answer">${escapeHtml(answer)}</span></td><td><a href="${escapeHtml(run.href)}">${escapeHtml(run.result.experiment)}</a><span class="because">${escapeHtml(run.result.title)}</span></td><td class="nowrap quiet">${escapeHtml(run.topic)}</td></tr>`;
  });
  const without = runs.filter(({ result }) => result.findings.length === 0 || result.error);
  return pageOf({
    title: 'All findings · finwait',
    assets,
    kind: 'all',
    body: `<header class="top"><div class="name"><p class="crumb">finwait</p><h1>All findings</h1></div><div class="summary">${counts(findings.map(({ finding }) => finding.verdict))}<span class="quiet">${runs.length} experiments in ${spanMs(
      runs.reduce((sum, { result }) => sum + result.durationMs, 0),
    )}</span></div><div class="tools"><button type="button" id="theme" aria-pressed="false" title="Light or dark">◐<span class="sr"> Dark colours</span></button></div></header>
<main class="all">
<form class="filters" id="filters" aria-label="Filters">${select(
      'article',
      articles.map(({ name, subject }) => [name, `${name}: ${subject}`]),
    )}${select(
      'verdict',
      toldInOrder.map((one) => [one, verdictWords(one)]),
    )}${select(
      'topic',
      [...new Set(runs.map(({ topic }) => topic))].sort().map((one) => [one, one]),
    )}<label>text<input type="search" name="text" placeholder="/" autocomplete="off"></label><output id="shown" aria-live="polite"></output></form>
<div class="table" tabindex="0" role="region" aria-label="Findings"><table><thead><tr><th scope="col">finding</th><th scope="col">verdict</th><th scope="col">statement</th><th scope="col">experiment</th><th scope="col">topic</th></tr></thead><tbody id="rows">
${rows.join('\n')}
</tbody></table></div>
${without.length > 0 ? `<h2>Runs without a verdict</h2><ul>${without.map(({ result, href }) => `<li><a href="${escapeHtml(href)}">${escapeHtml(result.experiment)}</a> ${escapeHtml(result.error?.message ?? 'It has no findings.')}</li>`).join('')}</ul>` : ''}
${coverageSection(coverageOf(runs.map(({ result, paths }) => ({ experiment: result.experiment, paths }))), runs)}
</main>`,
  });
};

/** Empty for a finding of one's own, whatever its id begins with. */
const articleOf = (id: string, { article }: Result): string =>
  articles.find(({ letter, name }) => id.startsWith(letter) && article.split(', ').includes(name))?.name ?? '';

const counts = (verdicts: Verdict[]): string =>
  toldInOrder
    .map((verdict) => ({ verdict, count: verdicts.filter((one) => one === verdict).length }))
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => badge(verdict, `${count} ${verdictWords(verdict)}`))
    .join(' ');

const select = (name: string, choices: string[][]): string =>
  `<label>${name}<select name="${name}"><option value="">all</option>${choices.map(([value = '', words = '']) => `<option value="${escapeHtml(value)}">${escapeHtml(words)}</option>`).join('')}</select></label>`;

const coverageSection = (coverage: Coverage, runs: IndexedRun[]): string => {
  const { drawn, beyond, skipped } = coverage;
  const hrefs = new Map(runs.map(({ result, href }) => [result.experiment, href]));
  const links = (by: Coverage['drawn'][number]['by']) =>
    by
      .map(
        ({ experiment, event }) =>
          `<a href="${escapeHtml(hrefs.get(experiment) ?? '')}#${escapeHtml(event)}">${escapeHtml(experiment)}</a>`,
      )
      .join(', ');
  const line = ({ from, to, by }: Pick<Coverage['drawn'][number], 'from' | 'to' | 'by'>, words = '') =>
    `<li><b class="mono">${from} → ${to}</b> ${by.length > 0 ? links(by) : escapeHtml(words)}</li>`;
  const seen = drawn.filter(({ by }) => by.length > 0);
  const never = drawn.filter(({ by }) => by.length === 0);
  return `<h2>The states of RFC 9293: ${seen.length} of ${drawn.length} transitions witnessed</h2>
<div class="coverage"><div>${drawStateDiagram({ coverage })}</div>
<div>${never.length > 0 ? `<h3>Never witnessed, and why</h3><ul>${never.map((one) => line(one, one.hidden ?? 'None of these runs leads to it.')).join('')}</ul>` : ''}
<h3>Witnessed, by which experiment</h3><ul>${seen.map((one) => line(one)).join('')}</ul>
${beyond.length > 0 ? `<h3>Witnessed besides: resets, aborts and timeouts, which the figure leaves out</h3><ul>${beyond.map((one) => line(one)).join('')}</ul>` : ''}
${skipped.length > 0 ? `<h3>Several transitions between two samples of ss</h3><ul>${skipped.map((one) => line(one)).join('')}</ul>` : ''}</div></div>`;
};

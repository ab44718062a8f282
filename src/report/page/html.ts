// The report of a run as one HTML file: it opens from disk, needs no network, and everything in it follows from the run's record.

import type { Result, Verdict } from '../../verdict/schema.ts';
import { pathsOf } from '../states/coverage.ts';
import { drawStateDiagram } from '../states/diagram.ts';
import { roleAndName } from '../words/findings.ts';
import { glyphsFor } from '../words/glyphs.ts';
import { offTimelineWords } from '../words/off-timeline.ts';
import { spanMs } from '../words/units.ts';
import { toldInOrder, verdictWords } from '../words/verdict-words.ts';
import { gapWords } from '../words/warnings.ts';
import { type Assets, escapeHtml, jsonBlock, pageOf } from './page.ts';
import { numbered, type PageInput, pageData } from './page-data.ts';

/** One self-contained page. `assets` are the style sheet and the script it takes with it. */
export const renderHtml = (input: PageInput & { assets: Assets }): string => {
  const { timeline, result, assets } = input;
  const data = pageData(input);
  const warnings = [
    ...timeline.gaps.map(gapWords),
    ...offTimelineWords(timeline),
    ...(result.interrupted ? ['The run was interrupted; what was recorded until then is judged.'] : []),
    ...(result.error ? [`The run ended with an error: ${result.error.message} (${result.error.code})`] : []),
  ];
  return pageOf({
    title: `${result.title} · finwait`,
    assets,
    kind: 'run',
    body: [
      heading(result),
      warnings.length > 0
        ? `<section aria-label="To know beforehand"><ul class="warnings">${warnings.map((words) => `<li>${escapeHtml(words)}</li>`).join('')}</ul></section>`
        : '',
      diagnoses(result),
      findings(result),
      workbench(drawStateDiagram({ paths: pathsOf(timeline) })),
      help,
      jsonBlock('run', data),
    ].join('\n'),
  });
};

const marks = glyphsFor({ unicode: true });

const heading = (result: Result): string => {
  const counts = toldInOrder
    .map((verdict) => ({ verdict, count: result.findings.filter((one) => one.verdict === verdict).length }))
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => badge(verdict, `${count} ${verdictWords(verdict)}`))
    .join(' ');
  return `<header class="top">
<div class="name"><p class="crumb"><a href="../../index.html">finwait</a> / ${escapeHtml(result.experiment)}</p><h1>${escapeHtml(result.title)}</h1></div>
<div class="summary">${counts}<span class="quiet">${spanMs(result.durationMs)} · Linux ${escapeHtml(result.environment.kernel)} · ${result.environment.wireMode}</span></div>
<div class="tools"><button type="button" id="theme" aria-pressed="false" title="Light or dark (d)">◐<span class="sr"> Dark colours</span></button><button type="button" id="help-open" title="Keys and signs (?)">?<span class="sr"> Keys and signs</span></button></div>
</header>`;
};

export const badge = (verdict: Verdict, words: string = verdictWords(verdict)): string =>
  `<span class="badge v-${verdict}"><span aria-hidden="true">${marks[verdict]}</span> ${words}</span>`;

const diagnoses = ({ diagnoses }: Result): string =>
  diagnoses === undefined || diagnoses.length === 0
    ? ''
    : `<section class="findings" aria-label="Diagnosis"><h2 class="sr">Diagnosis</h2><ol>${numbered(diagnoses).map(diagnosis).join('\n')}</ol></section>`;

const diagnosis = (
  { id, title, sentence, remedy, node, source, evidence, harmless }: ReturnType<typeof numbered>[number],
  index: number,
): string =>
  `<li class="finding diagnosis" data-finding="${id}">
<button type="button" class="choose" aria-expanded="false" aria-controls="cases-${id}"><kbd aria-hidden="true">${index < 9 ? index + 1 : ''}</kbd>${harmless ? badge('reproduced', 'no fault') : badge('refuted', 'fault')}<b></b><span class="statement">${escapeHtml(title)}</span><span class="answer">${escapeHtml(sentence)}</span></button>
<div class="cases" id="cases-${id}" hidden><div class="case"><dl><div><dt>remedy</dt><dd>${escapeHtml(remedy)}</dd></div>${node ? `<div><dt>in Node</dt><dd>${escapeHtml(node)}</dd></div>` : ''}<div><dt>see</dt><dd>${escapeHtml(source)}</dd></div></dl>
<p class="evidence">evidence ${evidence.map(chip).join(' ')}</p></div></div>
</li>`;

const chip = (id: string): string => `<a class="chip" href="#${escapeHtml(id)}">${escapeHtml(id)}</a>`;

const findings = ({ findings }: Result): string =>
  findings.length === 0
    ? ''
    : `<section class="findings" aria-label="Findings"><h2 class="sr">Findings</h2><ol>${findings.map(finding).join('\n')}</ol></section>`;

const finding = (
  { id, statement, verdict, answer, because, cases }: Result['findings'][number],
  index: number,
): string =>
  `<li class="finding" data-finding="${escapeHtml(id)}">
<button type="button" class="choose" aria-expanded="false" aria-controls="cases-${escapeHtml(id)}"><kbd aria-hidden="true">${index < 9 ? index + 1 : ''}</kbd>${badge(verdict)}<b>${escapeHtml(id)}</b><span class="statement">${escapeHtml(statement)}</span><span class="answer">${escapeHtml(answer)}</span>${because ? `<span class="because">${escapeHtml(because)}</span>` : ''}</button>
<div class="cases" id="cases-${escapeHtml(id)}" hidden>${cases.map(caseOf).join('\n')}</div>
</li>`;

const caseOf = ({
  name,
  role,
  why,
  outcome,
  expected,
  actual,
  evidence,
}: Result['findings'][number]['cases'][number]): string =>
  `<div class="case o-${outcome}"><h3><span aria-hidden="true">${marks[outcome]}</span> ${verdictWords(outcome)}: ${escapeHtml(roleAndName({ role, name }))}</h3>${why ? `\n<p class="why">${escapeHtml(`Why a ${role}: ${why}`)}</p>` : ''}
<dl><div><dt>expected</dt><dd>${escapeHtml(expected)}</dd></div><div><dt>actual</dt><dd${expected === actual ? ' class="same"' : ''}>${escapeHtml(actual)}</dd></div></dl>
${evidence.length > 0 ? `<p class="evidence">evidence ${evidence.map(chip).join(' ')}</p>` : ''}</div>`;

const workbench = (states: string): string => `<main class="work">
<section class="sequence" aria-label="Sequence diagram">
<div class="bar">
<fieldset class="switch" aria-label="Scale of time"><label title="Every moment has a line of its own (t)"><input type="radio" name="scale" value="0" checked><span>readable</span></label><label title="A millisecond always has the same height (t)"><input type="radio" name="scale" value="1"><span>true time</span></label></fieldset>
<label class="find"><span class="sr">Find in the diagram</span><input type="search" id="find" placeholder="Find  /" autocomplete="off" spellcheck="false"></label><output id="status" aria-live="polite"></output>
</div>
<div class="pane" id="pane"><div class="lanes" id="lanes" aria-hidden="true"></div>
<div class="canvas" id="canvas" role="listbox" tabindex="0" aria-label="Events in order of time; j and k move"></div></div>
<p class="omitted" id="omitted" hidden></p>
</section>
<aside class="side" aria-label="What is chosen">
<div class="tabs" role="tablist" aria-label="Views"><button type="button" role="tab" id="tab-details" aria-controls="details" aria-selected="true">Details</button><button type="button" role="tab" id="tab-states" aria-controls="states" aria-selected="false" tabindex="-1">State diagram</button><button type="button" role="tab" id="tab-source" aria-controls="source" aria-selected="false" tabindex="-1">Source</button></div>
<div class="view" id="details" role="tabpanel" aria-labelledby="tab-details" tabindex="0"></div>
<div class="view" id="states" role="tabpanel" aria-labelledby="tab-states" tabindex="0" hidden>${states}</div>
<div class="view" id="source" role="tabpanel" aria-labelledby="tab-source" tabindex="0" hidden></div>
</aside>
</main>`;

const help = `<dialog id="help" aria-labelledby="help-title"><h2 id="help-title">Keys and signs</h2>
<div class="help-columns"><dl class="keys"><dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>next, previous event; of a finding's evidence while one is chosen</dd><dt><kbd>1</kbd> … <kbd>9</kbd></dt><dd>choose a finding: its evidence lights up</dd><dt><kbd>c</kbd></dt><dd>go to the cause of the chosen event</dd><dt><kbd>/</kbd></dt><dd>find; <kbd>Enter</kbd> for the next one</dd><dt><kbd>t</kbd></dt><dd>readable or true time</dd><dt><kbd>d</kbd></dt><dd>light or dark</dd><dt><kbd>Esc</kbd></dt><dd>choose nothing</dd></dl>
<dl class="keys"><dt class="mono">──►</dt><dd>a segment, from when it was sent to when it arrived</dd><dt class="mono">──✗</dt><dd>it was lost on the wire</dd><dt class="mono">──┤</dt><dd>it was still held when the run ended</dd><dt class="mono">◆──►</dt><dd>the wire itself sent it: a copy or a made-up segment</dd><dt class="mono">↳</dt><dd>a call Node made on behalf of the script</dd><dt class="mono">#0 #1</dt><dd>connections, in order of appearance</dd><dt class="mono">s46</dt><dd>a sample of <code>ss</code> that a finding rests on</dd></dl></div>
<form method="dialog"><button>Close</button></form></dialog>`;

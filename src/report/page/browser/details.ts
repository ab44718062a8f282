// Everything there is to say about what is chosen: why it happened, what came of it, its bytes, what ss saw, its line of source.
import type { PageEvent } from '../content.ts';
import { causesOf } from './causes.ts';
import { factsOf, titleOf } from './facts.ts';
import { frameView } from './frame.ts';
import { chosen, diagnosisOf, effects, events, evidenceOf, type PageSample, run, samples, time } from './run.ts';
import { socketsView } from './sockets.ts';
import { excerpt } from './source.ts';
import { escapeText } from './text.ts';
import { eventLine, factList, section } from './words.ts';

/** HTML for the details view. */
export const detailsHtml = () => {
  const event = events.get(chosen.item);
  const sample = samples.get(chosen.item);
  if (event) return eventHtml(event);
  if (sample) return sampleHtml(sample);
  if (chosen.finding) return findingHtml(chosen.finding);
  return overview();
};

const eventHtml = (event: PageEvent) => {
  const causes = causesOf(event);
  const caused = effects.get(event.id) ?? [];
  return `<h2><span class="chip">${escapeText(event.id)}</span> ${escapeText(titleOf(event))}</h2><p class="mono lead">${escapeText(event.words)}</p>${factList(factsOf(event))}${section(
    'Why',
    `<ol class="chain causes">${causes.map((line) => `<li>${line}</li>`).join('')}</ol>`,
  )}${section('What it caused', caused.length > 0 ? `<ul class="chain">${caused.map(({ id }) => `<li>${eventLine(id)}</li>`).join('')}</ul>` : '<p class="quiet">Nothing that was recorded.</p>')}${
    'source' in event && event.source && 'line' in event.source
      ? section(`Source, line ${event.source.line}`, excerpt(event.source.file, event.source.line))
      : ''
  }${event.kind === 'segment' ? frameView(event) : ''}${socketsView(event)}`;
};

const sampleHtml = ({ id, host, begin, end, reason, ok, rows }: PageSample) =>
  `<h2><span class="chip">${escapeText(id)}</span> Sample of ss, ${host}</h2>${factList([
    ['time', `${time(begin)}, took ${time(end - begin)}`],
    ['taken', escapeText(reason)],
    [
      'result',
      ok
        ? `${rows.length} socket${rows.length === 1 ? '' : 's'}`
        : 'ss failed: nothing follows from a row that is absent',
    ],
  ])}${section('Rows, as ss printed them', rows.length > 0 ? rows.map((row) => `<pre class="raw">${escapeText(row)}</pre>`).join('') : '<p class="quiet">No TCP socket at all.</p>')}`;

const findingHtml = (id: string) => {
  const diagnosis = diagnosisOf(id);
  if (diagnosis)
    return `<h2>${escapeText(diagnosis.title)}</h2><p class="lead">${escapeText(diagnosis.sentence)}</p><p class="answer">${escapeText(diagnosis.remedy)}</p>${diagnosis.node ? `<p class="quiet">In Node: ${escapeText(diagnosis.node)}</p>` : ''}<p class="quiet">See ${escapeText(diagnosis.source)}.</p>${evidenceSection(id)}`;
  const finding = run.findings.find((one) => one.id === id);
  if (!finding) return '';
  return `<h2><span class="chip">${escapeText(id)}</span> ${finding.verdict.replace('-', ' ')}</h2><p class="lead">${escapeText(finding.statement)}</p><p class="answer">${escapeText(finding.answer)}</p>${finding.because ? `<p class="quiet">${escapeText(finding.because)}</p>` : ''}${evidenceSection(id)}`;
};

const evidenceSection = (id: string) =>
  `${section(
    `Evidence, in order of time`,
    `<ol class="chain">${evidenceOf(id)
      .map((one) => `<li>${eventLine(one)}</li>`)
      .join('')}</ol>`,
  )}<p class="quiet"><kbd>j</kbd> and <kbd>k</kbd> go through it.</p>`;

const overview = () =>
  `<h2>What ran</h2>${factList(run.facts.map(([name, text]) => [name, escapeText(text)]))}<p class="hint">Choose a finding above to light up its evidence, or anything in the diagram to see why it happened, its bytes and what <code>ss</code> saw. <kbd>?</kbd> shows keys and signs.</p>${
    run.omitted.length > 0
      ? section(
          'Left out of this page',
          `<ul>${run.omitted.map((words) => `<li>${escapeText(words)}</li>`).join('')}</ul>`,
        )
      : ''
  }`;

// Pieces of HTML the views share.
import { events, lineOf, samples, time } from './run.ts';
import { escapeText } from './text.ts';

/** A link that chooses an event or a sample. */
export const chip = (id: string) => `<a class="chip" href="#${escapeText(id)}">${escapeText(id)}</a>`;

/** An event in one line, behind its link. */
export const eventLine = (id: string) => {
  const event = events.get(id);
  const sample = samples.get(id);
  if (event) return `${chip(id)} <span class="mono">${escapeText(lineOf(event))}</span>`;
  return `${chip(id)} ${sample ? `<span class="mono">(${time(sample.begin)}) ${sample.host} ss, ${escapeText(sample.reason)}</span>` : ''}`;
};

/** `content` is HTML; a section without any is left out. */
export const section = (name: string, content: string) =>
  content ? `<section><h3>${name}</h3>${content}</section>` : '';

/** Names are plain text, values HTML; a fact without a value is left out. */
export const factList = (facts: [name: string, value: string][]) =>
  `<dl class="facts">${facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`)
    .join('')}</dl>`;

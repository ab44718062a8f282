// Pieces of HTML the views share.

import { events, lineOf, samples, time } from './run.js';
import { escapeText } from './text.js';

/**
 * A link that chooses an event or a sample.
 * @param {string} id
 */
export const chip = (id) => `<a class="chip" href="#${escapeText(id)}">${escapeText(id)}</a>`;

/**
 * An event in one line, behind its link.
 * @param {string} id
 */
export const eventLine = (id) => {
  const event = events.get(id);
  const sample = samples.get(id);
  if (event) return `${chip(id)} <span class="mono">${escapeText(lineOf(event))}</span>`;
  return `${chip(id)} ${sample ? `<span class="mono">(${time(sample.begin)}) ${sample.host} ss, ${escapeText(sample.reason)}</span>` : ''}`;
};

/**
 * @param {string} name
 * @param {string} content HTML
 */
export const section = (name, content) => (content ? `<section><h3>${name}</h3>${content}</section>` : '');

/**
 * @param {[name: string, value: string][]} facts names are plain text, values are HTML
 */
export const factList = (facts) =>
  `<dl class="facts">${facts
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`)
    .join('')}</dl>`;

// What ss said of the sockets an event concerns, before it and after it, in its own words; what changed is marked.
/** @import { PageEvent } from '../page-data.ts' */
/** @import { PageSample } from './run.js' */

import { run, samples, time } from './run.js';
import { escapeText } from './text.js';
import { chip, section } from './words.js';

/** @param {PageEvent} event */
export const socketsView = (event) => {
  const ports = portsOf(event);
  const hosts = 'host' in event ? [event.host] : event.kind === 'segment' ? [event.from, event.to] : [];
  return hosts
    .map((host) => {
      const [before, after] = around(event, host);
      if (!before && !after) return '';
      const rowsBefore = before ? rowsOf(before, ports) : [];
      const rowsAfter = after ? rowsOf(after, ports) : [];
      if (rowsBefore.length + rowsAfter.length === 0 && !ports) return '';
      return section(
        `ss on the ${host}`,
        `${before && before !== after ? block('before', before, rowsBefore, []) : ''}${after ? block(before && before !== after ? 'after' : 'then', after, rowsAfter, before && before !== after ? rowsBefore : []) : ''}`,
      );
    })
    .join('');
};

/** @param {PageEvent} event */
const portsOf = (event) => {
  if (event.kind === 'segment') return [event.source.port, event.destination.port];
  if (event.kind === 'state') return event.peer.port ? [event.local.port, event.peer.port] : [event.local.port];
  if ('connection' in event && event.connection !== undefined) {
    const connection = run.connections[event.connection];
    if (connection) return [connection.client.port, connection.server.port];
  }
  if ('local' in event && event.local) return event.remote ? [event.local.port, event.remote.port] : [event.local.port];
  return undefined;
};

/**
 * The samples that bound an event on a host: those around its frame, of its change of state, or the nearest in time.
 * @param {PageEvent} event
 * @param {'client' | 'server'} host
 * @returns {(PageSample | undefined)[]}
 */
const around = (event, host) => {
  if (event.kind === 'state') return [samples.get(event.before ?? ''), samples.get(event.after)];
  const own = [...samples.values()].filter((sample) => sample.host === host);
  if (event.kind === 'segment') {
    const named = ['before', 'after'].map((edge) =>
      own.find(({ reason }) => reason === `${edge} frame ${event.frame}`),
    );
    if (named[0] || named[1]) return named;
  }
  const end =
    event.kind === 'call'
      ? (event.returned?.at ?? event.at)
      : event.kind === 'segment'
        ? (event.receivedAt ?? event.at)
        : event.at;
  return [
    own.findLast((sample) => sample.end <= event.at),
    own.find((sample) => sample.begin >= end) ?? own.find((sample) => sample.begin >= event.at),
  ];
};

/**
 * @param {PageSample} sample
 * @param {number[] | undefined} ports
 */
const rowsOf = ({ rows }, ports) =>
  (ports
    ? rows.filter((row) => ports.every((port) => new RegExp(`:${port}\\b`).test(row.split('\n')[0] ?? '')))
    : rows
  ).slice(0, 8);

/**
 * @param {string} name
 * @param {PageSample} sample
 * @param {string[]} rows
 * @param {string[]} earlier
 */
const block = (name, { id, begin, reason, ok }, rows, earlier) =>
  `<p class="taken"><b>${name}</b> ${chip(id)} ${time(begin)}, ${escapeText(reason)}</p>${
    rows.length === 0
      ? `<p class="quiet">${ok ? 'No row: CLOSED.' : 'ss failed.'}</p>`
      : rows.map((row, index) => `<pre class="raw">${marked(row, earlier[index])}</pre>`).join('')
  }`;

/**
 * Words that were not in the row before.
 * @param {string} row
 * @param {string | undefined} earlier
 */
const marked = (row, earlier) => {
  if (earlier === undefined) return escapeText(row);
  const old = new Set(earlier.split(/\s+/));
  return row
    .split(/(\s+)/)
    .map((word) => (word.trim() === '' || old.has(word) ? escapeText(word) : `<mark>${escapeText(word)}</mark>`))
    .join('');
};

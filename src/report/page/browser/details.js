// Everything there is to say about what is chosen: why it happened, what came of it, its bytes, what ss saw, its line of source.
/** @import { PageEvent } from '../page-data.ts' */
/** @import { PageSample } from './run.js' */

import { frameView } from './frame.js';
import { chosen, effects, events, evidenceOf, run, samples, time } from './run.js';
import { socketsView } from './sockets.js';
import { excerpt } from './source.js';
import { escapeText } from './text.js';
import { eventLine, factList, section } from './words.js';

/** HTML for the details view. */
export const detailsHtml = () => {
  const event = events.get(chosen.item);
  const sample = samples.get(chosen.item);
  if (event) return eventHtml(event);
  if (sample) return sampleHtml(sample);
  if (chosen.finding) return findingHtml(chosen.finding);
  return overview();
};

/** @param {PageEvent} event */
const eventHtml = (event) => {
  const causes = chainOf(event);
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

/** @param {PageEvent} event */
const titleOf = (event) => {
  switch (event.kind) {
    case 'segment':
      return `Segment, ${event.from} to ${event.to}`;
    case 'state':
      return `State of the ${event.host}'s socket`;
    case 'call':
      return event.by === 'node'
        ? `Call by Node, ${event.host}`
        : event.via === 'host'
          ? `Setting of the ${event.host}`
          : `Call, ${event.host}`;
    case 'emit':
      return `Event of Node, ${event.host}`;
    case 'process':
      return `Process, ${event.host}`;
    case 'output':
      return `Output, ${event.host}`;
    case 'counter':
      return `Kernel of the ${event.host}`;
    case 'wire':
      return 'Operation on the wire';
    case 'stage':
      return event.edge === 'note' ? 'Note of the script' : 'Stage of the script';
  }
};

/**
 * @param {PageEvent} event
 * @returns {[string, string][]}
 */
const factsOf = (event) => {
  /** @type {[string, string][]} */
  const facts = [['time', time(event.at)]];
  if (event.stage) facts.push(['stage', escapeText(event.stage)]);
  if ('process' in event) facts.push(['process', escapeText(event.process)]);
  if (event.kind === 'segment') {
    if (event.sentAt !== undefined) facts[0] = ['sent', `${time(event.sentAt)}, captured on the ${event.from}`];
    facts.splice(1, 0, [
      'received',
      event.receivedAt === undefined ? 'never' : `${time(event.receivedAt)}, captured on the ${event.to}`,
    ]);
    facts.push(
      ['fate', event.fate],
      ['sequence', `relative ${event.seq}, in the header ${event.absolute.seq}`],
      ['ack', event.flags.includes('.') ? `relative ${event.ack}, in the header ${event.absolute.ack}` : ''],
    );
    if (event.role)
      facts.push([
        'role',
        escapeText(event.role.replace('-', ' ') + (event.retransmissionOf ? ` of ${event.retransmissionOf}` : '')),
      ]);
    facts.push([
      'packet',
      [
        event.packet.client ? `${event.packet.client} of client.pcap` : '',
        event.packet.server ? `${event.packet.server} of server.pcap` : '',
      ]
        .filter(Boolean)
        .join(', '),
    ]);
  }
  if (event.kind === 'state') {
    facts.push(
      ['change', `${event.from} → ${event.to}`],
      ['seen', `between ${time(event.between[0])} and ${time(event.between[1])}`],
      ['stayed', event.to === 'CLOSED' ? '' : event.dwell === undefined ? 'to the end' : time(event.dwell)],
    );
    facts.push([
      'socket',
      escapeText(
        `${event.local.address}:${event.local.port}${event.peer.port ? ` → ${event.peer.address}:${event.peer.port}` : ''}`,
      ),
    ]);
  }
  if (event.kind === 'call') {
    if (event.target) facts.push(['on', escapeText(event.target)]);
    facts.push([
      'arguments',
      event.args.length > 0 ? `<code>${escapeText(JSON.stringify(event.args).slice(1, -1))}</code>` : 'none',
    ]);
    const { returned } = event;
    facts.push([
      'returned',
      returned
        ? `${returned.errno ? `<b>${escapeText(returned.errno)}</b>` : returned.value === undefined ? 'nothing' : `<code>${escapeText(JSON.stringify(returned.value))}</code>`} after ${time(returned.at - event.at)}`
        : 'not before the end',
    ]);
  }
  if (event.kind === 'process' && event.command)
    facts.push(['command', `<code>${escapeText(event.command.replaceAll(/\/\S*\/(?=[^/\s]+)/g, ''))}</code>`]);
  return facts;
};

/**
 * The causes of an event, back to where they begin.
 * @param {PageEvent} event
 */
const chainOf = (event) => {
  const lines = [];
  /** @type {PageEvent | undefined} */
  let at = event;
  const seen = new Set();
  while (at && !seen.has(at.id)) {
    seen.add(at.id);
    const { cause } = at;
    if (!cause) {
      if (at === event)
        lines.push(
          at.kind === 'call' && at.by === 'script'
            ? 'The script asked for it.'
            : at.kind === 'stage' || at.kind === 'wire'
              ? 'The script says so.'
              : 'Nothing in the record explains it.',
        );
      break;
    }
    if (cause.kind === 'programs') {
      lines.push('by one of these programs (their calls were not recorded)', ...cause.events.map(eventLine));
      break;
    }
    if (!('event' in cause)) {
      lines.push(
        cause.kind === 'timer'
          ? `the kernel's ${timers[cause.timer]} ran out${cause.sample ? `, armed in ${eventLine(cause.sample)}` : ''}`
          : 'unknown',
      );
      break;
    }
    lines.push(`<span class="kind">${causeWords[cause.kind]}</span> ${eventLine(cause.event)}`);
    at = events.get(cause.event);
  }
  return lines;
};

const causeWords = {
  call: 'by the call',
  segment: 'by the segment',
  'process-end': 'by the end of the process',
  program: 'by the program (its calls were not recorded)',
  wire: 'by the operation',
};
const timers = {
  on: 'retransmission timer',
  'tail-loss-probe': 'tail loss probe timer',
  reordering: 'timer for reordering (RACK)',
  pacing: 'timer of the pacing',
  retransmission: 'a timer for sending (nothing tells which)',
  keepalive: 'keepalive timer',
  timewait: 'timewait timer',
  persist: 'persist timer',
  'delayed-ack': 'delayed-ACK timer',
};

/** @param {PageSample} sample */
const sampleHtml = ({ id, host, begin, end, reason, ok, rows }) =>
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

/** @param {string} id */
const findingHtml = (id) => {
  const finding = run.findings.find((one) => one.id === id);
  if (!finding) return '';
  return `<h2><span class="chip">${escapeText(id)}</span> ${finding.verdict}</h2><p class="lead">${escapeText(finding.statement)}</p><p class="answer">${escapeText(finding.answer)}</p>${finding.because ? `<p class="quiet">${escapeText(finding.because)}</p>` : ''}${section(
    `Evidence, in order of time`,
    `<ol class="chain">${evidenceOf(id)
      .map((one) => `<li>${eventLine(one)}</li>`)
      .join('')}</ol>`,
  )}<p class="quiet"><kbd>j</kbd> and <kbd>k</kbd> go through it.</p>`;
};

const overview = () =>
  `<h2>What ran</h2>${factList(run.facts.map(([name, text]) => [name, escapeText(text)]))}<p class="hint">Choose a finding above to light up its evidence, or anything in the diagram to see why it happened, its bytes and what <code>ss</code> saw. <kbd>?</kbd> shows keys and signs.</p>${
    run.omitted.length > 0
      ? section(
          'Left out of this page',
          `<ul>${run.omitted.map((words) => `<li>${escapeText(words)}</li>`).join('')}</ul>`,
        )
      : ''
  }`;

// What ss said of the sockets an event concerns, before it and after it, in its own words; what changed is marked.
import type { HostName } from '../../../record/hosts.ts';
import type { PageEvent } from '../content.ts';
import { type PageSample, run, samples, time } from './run.ts';
import { escapeText } from './text.ts';
import { chip, section } from './words.ts';

/** Empty where the event concerns no socket. */
export const socketsView = (event: PageEvent) => {
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
        `${holders(event, host)}${before && before !== after ? block('before', before, rowsBefore, []) : ''}${after ? block(before && before !== after ? 'after' : 'then', after, rowsAfter, before && before !== after ? rowsBefore : []) : ''}`,
      );
    })
    .join('');
};

/** The processes that had the socket at the time of the event. */
const holders = (event: PageEvent, host: HostName) => {
  const connection = 'connection' in event ? event.connection : undefined;
  const own = run.descriptors.filter(
    (one) =>
      one.host === host && one.connection === connection && one.from <= event.at && (one.until ?? Infinity) > event.at,
  );
  if (connection === undefined || own.length === 0) return '';
  const words = own.map(
    ({ process, pid, fd, from }) => `${process} (pid ${pid}, descriptor ${fd}, since ${time(from)})`,
  );
  return `<p class="taken"><b>held by</b> ${escapeText(words.join(', '))}</p>`;
};

const portsOf = (event: PageEvent) => {
  if (event.kind === 'segment') return [event.source.port, event.destination.port];
  if (event.kind === 'state') return event.peer.port ? [event.local.port, event.peer.port] : [event.local.port];
  if ('connection' in event && event.connection !== undefined) {
    const connection = run.connections[event.connection];
    if (connection) return [connection.client, connection.proxy, connection.server].flatMap((end) => end?.port ?? []);
  }
  if ('local' in event && event.local) return event.remote ? [event.local.port, event.remote.port] : [event.local.port];
  return undefined;
};

/** The samples that bound an event on a host: those around its frame, of its change of state, or the nearest in time. */
const around = (event: PageEvent, host: HostName): (PageSample | undefined)[] => {
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

const rowsOf = ({ rows }: PageSample, ports: number[] | undefined) =>
  (ports
    ? rows.filter((row) => ports.every((port) => new RegExp(`:${port}\\b`).test(row.split('\n')[0] ?? '')))
    : rows
  ).slice(0, 8);

const block = (name: string, { id, begin, reason, ok }: PageSample, rows: string[], earlier: string[]) =>
  `<p class="taken"><b>${name}</b> ${chip(id)} ${time(begin)}, ${escapeText(reason)}</p>${
    rows.length === 0
      ? `<p class="quiet">${ok ? 'No row: CLOSED.' : 'ss failed.'}</p>`
      : rows.map((row, index) => `<pre class="raw">${marked(row, earlier[index])}</pre>`).join('')
  }`;

/** Words that were not in the row before. */
const marked = (row: string, earlier: string | undefined) => {
  if (earlier === undefined) return escapeText(row);
  const old = new Set(earlier.split(/\s+/));
  return row
    .split(/(\s+)/)
    .map((word) => (word.trim() === '' || old.has(word) ? escapeText(word) : `<mark>${escapeText(word)}</mark>`))
    .join('');
};

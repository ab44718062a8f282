// Decodes ss-destroyed-<host>.txt: what `ss -E` reported of each full socket the kernel destroyed, and whether it could
// report all. SYN-RECEIVED, TIME-WAIT and an orphan's FIN-WAIT-2 are no full sockets (net/ipv4/tcp_minisocks.c): their
// ends are not reported.

import type { Gap } from '../../record/gap.ts';
import { type HostName, hostsIn } from '../../record/hosts.ts';
import type { DestroyedSocket, SocketRow } from '../../record/samples.ts';
import type { Clock } from './clock.ts';
import { parseRow } from './ss.ts';

/** A report as the file holds it. `t` is when it was read (CLOCK_MONOTONIC, ns): the socket had been destroyed by then. */
export type RecordedDestruction = { host: HostName; t: number; row: SocketRow };

/**
 * Decode the files of the hosts: the reports in order of time, and what of them is missing (spans still of
 * CLOCK_MONOTONIC). Never throws.
 */
export const readDestroyed = (files: Record<HostName, string>): { reports: RecordedDestruction[]; gaps: Gap[] } => {
  const hosts = hostsIn(files).map((host) => readFile(host, files[host]));
  return {
    reports: hosts.flatMap(({ reports }) => reports).sort((a, b) => a.t - b.t),
    gaps: hosts.flatMap(({ gaps }) => gaps),
  };
};

/** Give the reports their ids and the times of the timeline. */
export const numberDestroyed = (
  reports: RecordedDestruction[],
  clock: Clock,
  connectionOf: (report: { host: HostName; at: number; row: SocketRow }) => number | undefined,
): DestroyedSocket[] =>
  reports.map(({ host, t, row }, index) => {
    const at = clock.fromMonotonic(t);
    const connection = connectionOf({ host, at, row });
    const { local, peer, cookie, info, raw } = row;
    return {
      id: `d${index + 1}`,
      host,
      at,
      ...(connection !== undefined && { connection }),
      local,
      peer,
      cookie,
      info,
      raw,
    };
  });

type File = { reports: RecordedDestruction[]; gaps: Gap[] };

const readFile = (host: HostName, text: string): File => {
  const file: File = { reports: [], gaps: [] };
  const gap = (reason: string, from?: number) =>
    file.gaps.push({ witness: 'ss -E', host, reason, ...(from !== undefined && { from }) });
  let listening = false;
  let over = false;
  let last: number | undefined;
  for (const part of text.split(/^(?=# )/m)) {
    const newline = part.indexOf('\n');
    const { kind, t, rest = '' } = headingLine.exec(part.slice(0, Math.max(newline, 0)))?.groups ?? {};
    if (kind === undefined) {
      if (part !== '') gap(`ss-destroyed-${host}.txt is damaged: ${JSON.stringify(part.slice(0, 60))} is no heading`);
      continue;
    }
    const time = Number(t);
    last = time;
    const output = part.slice(newline + 1);
    if (kind === 'listening') listening = true;
    if (kind === 'lost') {
      over = true;
      gap(rest.replace(/^reason=/, ''), listening ? time : undefined);
    }
    if (kind === 'end') {
      over = true;
      const drops = Number(/drops=(\d+)/.exec(rest)?.[1] ?? Number.NaN);
      if (drops !== 0) gap(`the kernel dropped ${Number.isNaN(drops) ? 'nobody knows how many' : drops} reports`);
    }
    if (kind !== 'read') continue;
    if (Number(/bytes=(\d+)/.exec(rest)?.[1]) !== Buffer.byteLength(output)) gap('a report is cut short', time);
    for (const line of output.split('\n')) {
      const row = parseRow(line);
      if (row && isBound(row)) file.reports.push({ host, t: time, row });
      else if (!row && line !== '')
        gap(`ss printed a line that no socket has: ${JSON.stringify(line.slice(0, 80))}`, time);
    }
  }
  if (!listening && !over) gap(text === '' ? 'there is no report of the host' : 'it never said that it was listening');
  else if (!over) gap('the reports break off', last);
  return file;
};

/** The witness destroys sockets of its own, never bound, to hear of them: they are no part of the run. */
const isBound = ({ local, peer }: SocketRow) => local.port !== 0 || peer.port !== 0;

const headingLine = /^# (?<kind>listening|read|lost|end) t=(?<t>\d+)(?: (?<rest>.*))?$/;

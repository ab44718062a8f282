// What ss printed of one host as it would have of two: each socket at the end it is at. What cannot be read stays, at both.
import { type HostName, perHost, twoHosts } from '../../record/hosts.ts';
import { parseRow } from '../reading/ss.ts';
import type { Ends } from './ends.ts';

/** The text of ss-<host>.txt for each end: a sample of either shows the sockets of that end. */
export const splitSamples = (text: string, ends: Ends): Record<HostName, string> =>
  perHost(
    (host) =>
      text
        .split(/^(?=# sample )/m)
        .map((part) => withRows(part, (row) => isAt(host, row, ends), /^(?=\S)/m, 'State'))
        .join(''),
    twoHosts,
  );

/** The same of ss-destroyed-<host>.txt. */
export const splitDestroyed = (text: string, ends: Ends): Record<HostName, string> =>
  perHost(
    (host) =>
      text
        .split(/^(?=# )/m)
        .map((part) => (part.startsWith('# read ') ? withRows(part, (row) => isAt(host, row, ends), /^/m) : part))
        .join(''),
    twoHosts,
  );

const isAt = (host: HostName, text: string, ends: Ends): boolean => {
  const row = parseRow(text);
  return !row || ends.at(row.local, row.peer) === host;
};

/** A part with its heading, and of its rows those that are wanted. `title`: what the line above the rows begins with. */
const withRows = (part: string, isWanted: (row: string) => boolean, between: RegExp, title = '\0'): string => {
  const newline = part.indexOf('\n');
  const [heading, output] = [part.slice(0, newline), part.slice(newline + 1)];
  const bytes = /(?<= bytes=)\d+/.exec(heading)?.[0];
  if (Number(bytes) !== Buffer.byteLength(output)) return part;
  const kept = output
    .split(between)
    .filter((row) => row.startsWith(title) || row === '' || isWanted(row))
    .join('');
  return `${heading.replace(/(?<= bytes=)\d+/, String(Buffer.byteLength(kept)))}\n${kept}`;
};

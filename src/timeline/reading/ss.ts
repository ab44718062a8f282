// Decodes what `ss -tanoiem` prints (iproute2 6.1 to 6.15): one row per socket, each followed by an indented line of details.
// ss spells states its own way; this is the adapter to RFC 9293, and `raw` keeps ss's words.

import { type Endpoint, plainAddress } from '../../record/endpoint.ts';
import { itemAt } from '../../record/item-at.ts';
import type { SocketRow, SocketTimer } from '../../record/samples.ts';
import type { TcpState } from '../../record/tcp-state.ts';

/** The sockets ss printed. `damage` says why nothing may be concluded from a row that is missing. */
export type SocketTable = { rows: SocketRow[]; damage?: string };

/** Decode the output of one run of ss. Never throws: what cannot be read becomes `damage`. */
export const parseSocketTable = (text: string): SocketTable => {
  const lines = text.split('\n');
  if (!lines[0]?.startsWith('State')) return { rows: [], damage: 'ss printed no heading' };
  if (lines.pop() !== '') return { rows: [], damage: 'the output of ss is cut short' };
  const rows: SocketRow[] = [];
  let damage: string | undefined;
  for (let index = 1; index < lines.length; index++) {
    let raw = itemAt(lines, index);
    for (; isContinuation(lines[index + 1]); index++) raw += `\n${lines[index + 1]}`;
    const row = parseRow(raw);
    if (row) rows.push(row);
    else damage ??= `ss printed a line that no socket has: ${JSON.stringify(raw.slice(0, 80))}`;
  }
  return damage === undefined ? { rows } : { rows, damage };
};

const isContinuation = (line: string | undefined) =>
  line !== undefined && (line.startsWith('\t') || line.startsWith(' '));

/** Decode one row with its continuation lines; undefined when it is none. */
export const parseRow = (raw: string): SocketRow | undefined => {
  const [word, recvQ, sendQ, local, peer, ...details] = raw.trim().split(/\s+/);
  const state = stateNames[word ?? ''];
  if (!state || !local || !peer || !number.test(recvQ as string) || !number.test(sendQ as string)) return undefined;
  const { timer, ino = '0', sk = '', ...info } = parseDetails(details);
  if (!number.test(String(ino))) return undefined;
  const row: SocketRow = {
    state,
    recvQ: Number(recvQ),
    sendQ: Number(sendQ),
    local: parseEndpoint(local),
    peer: parseEndpoint(peer),
    inode: Number(ino),
    cookie: sk === '0' || sk === true ? '' : sk,
    info,
    raw: raw.trimEnd(),
  };
  if (typeof timer === 'string') row.timer = parseTimer(timer);
  return hasTimerOfItsState(row) ? row : undefined;
};

/**
 * The timer of TIME-WAIT, which a socket may already have in FIN-WAIT-2, and that one alone: what is left of a socket then has no
 * other (inet_twsk_diag_fill(), net/ipv4/inet_diag.c).
 */
const hasTimerOfItsState = ({ state, timer }: SocketRow): boolean => {
  if (!timer) return true;
  if (timer.name === 'timewait') return state === 'TIME-WAIT' || state === 'FIN-WAIT-2';
  return state !== 'TIME-WAIT';
};

const number = /^\d+$/;

const stateNames: Record<string, TcpState> = {
  ESTAB: 'ESTABLISHED',
  'SYN-SENT': 'SYN-SENT',
  'SYN-RECV': 'SYN-RECEIVED',
  'FIN-WAIT-1': 'FIN-WAIT-1',
  'FIN-WAIT-2': 'FIN-WAIT-2',
  'TIME-WAIT': 'TIME-WAIT',
  UNCONN: 'CLOSED',
  'CLOSE-WAIT': 'CLOSE-WAIT',
  'LAST-ACK': 'LAST-ACK',
  LISTEN: 'LISTEN',
  CLOSING: 'CLOSING',
};

/** `192.0.2.1:80`, `[::ffff:192.0.2.1]:80` (the same peer seen through an IPv6 socket), `*:80`, `0.0.0.0%wire:*`. */
const parseEndpoint = (text: string): Endpoint => {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  const address = text
    .slice(0, colon)
    .replace(/%.*$/, '')
    .replace(/^\[(.*)\]$/, '$1');
  return { address: plainAddress(address), port: Number.isInteger(port) ? port : 0 };
};

/** `key:value`, `key value` for the three rates, and bare words, which are flags. */
const parseDetails = (words: string[]): Record<string, string | true> => {
  const details: Record<string, string | true> = {};
  for (let index = 0; index < words.length; index++) {
    const word = itemAt(words, index);
    const colon = word.indexOf(':');
    if (rates.has(word)) details[word] = words[++index] ?? true;
    // ss -e draws which directions are open: `<->`, after SHUT_WR `<--`, after SHUT_RD `-->`.
    else if (/^[<-]-[->]$/.test(word)) details.shutdown = word;
    else if (colon > 0) details[word.slice(0, colon)] = word.slice(colon + 1);
    else details[word] = true;
  }
  return details;
};

const rates = new Set(['send', 'pacing_rate', 'delivery_rate']);

const parseTimer = (text: string): SocketTimer => {
  const [name = '', expires = '', retransmits = ''] = text.replace(/^\(|\)$/g, '').split(',');
  const expiresMs = parseMilliseconds(expires);
  return {
    name: timerNames.has(name) ? (name as SocketTimer['name']) : 'unknown',
    expiresMs,
    resolutionMs: resolutionOf(expiresMs),
    retransmits: Number.parseInt(retransmits, 10) || 0,
  };
};

const timerNames = new Set(['on', 'keepalive', 'timewait', 'persist']);

/**
 * What print_ms_timer (iproute2 misc/ss.c) makes of a time: `1min3sec`, `59sec`, `200ms`, nothing at all for 0,
 * and `9.876ms`, which means 9 seconds and 876 milliseconds.
 */
export const parseMilliseconds = (text: string): number => {
  const found = /^(?:(\d+)min)?(?:(\d+)sec|(?:(\d+)\.)?(\d+)ms)?$/.exec(text);
  if (!found) return 0;
  const [, minutes = 0, wholeSeconds = 0, seconds = 0, milliseconds = 0] = found;
  return Number(minutes) * 60_000 + (Number(wholeSeconds) + Number(seconds)) * 1000 + Number(milliseconds);
};

/** It leaves out the milliseconds of a time of 10 seconds or a minute and more, and the seconds of one of 10 minutes and more. */
const resolutionOf = (milliseconds: number): number =>
  milliseconds >= 600_000 ? 60_000 : milliseconds >= 10_000 ? 1000 : 1;

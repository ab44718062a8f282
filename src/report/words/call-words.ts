// Calls as they are written in C or JavaScript, less what the lanes already say.
import { fieldIn, textIn } from '../../record/fields.ts';
import { addressOf, otherOfTwo } from '../../record/hosts.ts';
import { isSystemCall } from '../../record/part-records.ts';
import { isWrite, readCalls, writeCalls } from '../../record/socket-calls.ts';
import type { CallEvent } from '../../timeline/schema.ts';
import { argument, quote } from './arguments.ts';
import { baseOf, reasonOf } from './asked.ts';
import type { Glyphs } from './glyphs.ts';
import type { Moment } from './moments.ts';

/** `connect(50000)`, and what it returned where a caller would look at that: `recv(5, 100) = 5 "hello"`. */
const callWords = (event: CallEvent, glyphs: Glyphs): string =>
  `${callName(event)}${returnWords(event)}${askedWords(event, glyphs)}`;

/**
 * A call at one of its moments: `recv(5, 100) …` where it began, `recv returns 5 "hello"` where it was done; else both
 * in one.
 */
export const callPartWords = (event: CallEvent, part: Moment['part'], glyphs: Glyphs): string => {
  if (part === 'done') return `${event.api} returns${returnWords(event).replace(' =', '')}`;
  if (event.by === 'node') return `${glyphs.under} ${callWords(event, glyphs)}`;
  return part === 'begun' ? `${callName(event)} ${glyphs.cut}` : callWords(event, glyphs);
};

/** ` ← end(), server.mjs:41`; ` ← end() by Node: its keepAliveTimeout`. */
const askedWords = ({ asked, source }: CallEvent, { from }: Glyphs): string => {
  if (!asked) return '';
  const where = source ? `, ${baseOf(source.file)}:${source.line}` : ` by Node (${reasonOf(asked.by)})`;
  return ` ${from} ${asked.api}()${where}`;
};

/** The call without what it returned. */
const callName = (event: CallEvent): string =>
  event.via === 'host'
    ? settingWords(event)
    : `${event.api}(${event.args
        .map((value, nth) => (isPayload(event, nth) ? quote(String(value)) : argument(withoutObvious(value, event))))
        .filter((words) => words !== '' && words !== '[]')
        .join(', ')})`;

/** A text to be sent, which is no name of anything, whatever it looks like. */
const isPayload = (event: CallEvent, nth: number): boolean =>
  isWrite(event) && typeof event.args[nth] === 'string' && nth === (event.via === 'node' ? 0 : 1);

/** ` = 5` where the value matters, ` = -1 ECONNREFUSED` where a call failed, else nothing. */
const returnWords = (event: CallEvent): string => {
  const { api, returned } = event;
  if (!returned) return '';
  const { errno, value } = returned;
  if (errno) return isSystemCall(event) ? ` = -1 ${errno}` : ` ${errno}`;
  if (!isSystemCall(event) || !valued.has(api)) return '';
  if (typeof value !== 'object' || value === null) return value === undefined ? '' : ` = ${value}`;
  const bytes = fieldIn(value, 'bytes') ?? fieldIn(value, 'value');
  const text = textIn(value, 'text');
  const received = text ? ` ${quote(text)}` : '';
  return bytes === undefined ? ` = ${argument(value)}` : ` = ${bytes}${received}`;
};

/** `sysctl tcp_fin_timeout = 5`, or without a value where it was only read; `127.0.0.1 leads to 192.0.2.2 at port 80`. */
const settingWords = ({ api, args: [name, value] }: CallEvent): string => {
  if (api !== 'localhost')
    return `${api} ${String(name).replace('net.ipv4.', '')}${value === undefined || value === null ? '' : ` = ${value}`}`;
  const ports = Array.isArray(value) ? value.map(String) : [];
  return `127.0.0.1 leads to ${name} at ${ports.length === 0 ? 'no port' : `port ${ports.join(', ')}`}`;
};

/** The calls whose value says more than that they succeeded. */
const valued = new Set<string>(['socket', 'accept', 'dup', 'getsockopt', ...readCalls, ...writeCalls]);

/** A client connects to the server and a server listens on its own address, unless the call says otherwise. */
const withoutObvious = (value: unknown, { host, api }: CallEvent): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { host: to, address, port, ...others }: Record<string, unknown> = { ...value };
  const own = addressOf[host].ip;
  const isPeer = (one: unknown) => host !== 'proxy' && one === addressOf[otherOfTwo(host)].ip;
  const isObvious =
    api === 'connect'
      ? address === undefined
        ? to === undefined || isPeer(to)
        : isPeer(address)
      : address === own || address === undefined;
  return isObvious && port !== undefined ? { port, ...others } : value;
};

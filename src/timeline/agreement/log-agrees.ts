// What the log of the calls says twice must be the same both times: a step and its call, a process and its host, a text
// and its length, an error's code and its message, an error and the close that follows it; and a call gives what such a
// call can give.

import type { ApiRecord } from '../../record/api-records.ts';
import { numberIn, textIn } from '../../record/fields.ts';
import type { Gap } from '../../record/gap.ts';

export const logAgreesWithItself = (records: ApiRecord[]): Gap[] =>
  [stepsAsCalled, hostsOfProcesses, lengths, emitters, errors, closes, returns].flatMap((check) => {
    const reason = check(records);
    return reason === undefined ? [] : [{ witness: 'api' as const, reason }];
  });

type Of<Type extends ApiRecord['type']> = Extract<ApiRecord, { type: Type }>;

/** A step of the script is worded by its call: `client: socket-1.end`, `server: accept()`. */
const stepsAsCalled = (records: ApiRecord[]): string | undefined => {
  const steps = new Map(records.flatMap((record) => (record.type === 'step' ? [[record.step, record.what]] : [])));
  const wrong = records.find((record): record is Of<'call'> => {
    if (record.type !== 'call' || record.by !== 'script' || (record.via !== 'node' && record.via !== 'raw'))
      return false;
    const what = record.step === undefined ? undefined : steps.get(record.step);
    // A step of a script in packetdrill's notation is worded by the script.
    if (!what?.startsWith(`${record.process}: `)) return false;
    return !/\W/.test(record.api) && !new RegExp(`\\b${record.api}(\\(\\))?$`).test(what);
  });
  return (
    wrong && `by api.ndjson step ${wrong.step} is "${steps.get(wrong.step as number)}", and its call is ${wrong.api}`
  );
};

/** No two processes of a lab bear one name. */
const hostsOfProcesses = (records: ApiRecord[]): string | undefined => {
  const hosts = new Map(
    records.flatMap((record) => (record.type === 'process' ? [[record.process, record.host]] : [])),
  );
  for (const record of records) {
    if (record.type !== 'emit' && record.type !== 'output' && record.type !== 'call') continue;
    const host = hosts.get(record.process);
    if (host !== undefined && host !== record.host)
      return `by api.ndjson ${record.process} is a process of the ${host}, and did something on the ${record.host}`;
  }
  return undefined;
};

/** Texts are cut after so many characters. */
const shownCharacters = 200;

const lengths = (records: ApiRecord[]): string | undefined => {
  const wrong = records.some((record) => {
    const { bytes, text } = contentOf(record);
    // Bytes that are no UTF-8 are shown as U+FFFD, and are fewer or more than they were.
    if (bytes === undefined || text === undefined || text.length >= shownCharacters || text.includes('\uFFFD'))
      return false;
    return new TextEncoder().encode(text).length !== bytes;
  });
  return wrong ? 'by api.ndjson a program read a text and a number of bytes that are not those of the text' : undefined;
};

const contentOf = (record: ApiRecord): { bytes?: number; text?: string } => {
  if (record.type === 'emit') return record.name === 'data' ? record : {};
  if (record.type !== 'return') return {};
  const [bytes, text] = [numberIn(record.value, 'bytes'), textIn(record.value, 'text')];
  return bytes !== undefined && text !== undefined ? { bytes, text } : {};
};

/** What a net.Server emits, and what a net.Socket does (nodejs.org/api/net.html). */
const emitters = (records: ApiRecord[]): string | undefined => {
  const ofServers = new Set(['listening', 'connection', 'drop']);
  const ofSockets = new Set(['connect', 'ready', 'data', 'end', 'drain', 'timeout', 'lookup']);
  const wrong = records.find(
    (record): record is Of<'emit'> =>
      record.type === 'emit' &&
      ((record.target.startsWith('server-') && ofSockets.has(record.name)) ||
        (record.target.startsWith('socket-') && ofServers.has(record.name)) ||
        (record.name === 'connection') !==
          (record.detail?.socket !== undefined && record.target.startsWith('server-'))),
  );
  return wrong && `by api.ndjson ${wrong.target} of ${wrong.process} emitted '${wrong.name}', which it cannot have`;
};

/** Node's message of a system error holds its code: `read ETIMEDOUT`. */
const errors = (records: ApiRecord[]): string | undefined => {
  const wrong = records.find((record) => {
    if (record.type !== 'emit' || record.name !== 'error' || !/^E[A-Z0-9]+$/.test(record.code ?? '')) return false;
    const named = /\bE[A-Z0-9]{3,}\b/.exec(String(record.detail?.message ?? ''))?.[0];
    return named !== undefined && named !== record.code;
  });
  return wrong && 'by api.ndjson a socket emitted an error whose message names another code';
};

/** These system calls give 0 or fail (close(2), shutdown(2), bind(2), listen(2), connect(2), setsockopt(2)). */
const givesNothing = new Set(['close', 'shutdown', 'bind', 'listen', 'connect', 'setsockopt']);

const returns = (records: ApiRecord[]): string | undefined => {
  const calls = new Map(
    records.flatMap((one) => (one.type === 'call' && one.via === 'raw' ? [[one.call, one.api] as const] : [])),
  );
  const wrong = records.find((one) => {
    if (one.type !== 'return' || one.errno !== undefined || !givesNothing.has(calls.get(one.call) ?? '')) return false;
    return typeof one.value === 'number' && one.value !== 0;
  });
  return wrong?.type === 'return'
    ? `by api.ndjson ${calls.get(wrong.call)}() gave ${wrong.value}, which it cannot have`
    : undefined;
};

/** 'close' says whether there was an error, and an error comes first. */
const closes = (records: ApiRecord[]): string | undefined => {
  const failed = new Set<string>();
  for (const record of records) {
    if (record.type !== 'emit' || !record.target.startsWith('socket-')) continue;
    const key = `${record.process} ${record.target}`;
    if (record.name === 'error') failed.add(key);
    if (record.name === 'close' && record.detail?.hadError === true && !failed.has(key))
      return `by api.ndjson ${record.target} of ${record.process} closed with an error that it never emitted`;
    if (record.name === 'close' && record.detail?.hadError === false && failed.has(key))
      return `by api.ndjson ${record.target} of ${record.process} emitted an error and closed without one`;
  }
  return undefined;
};

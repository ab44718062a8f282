// The script's steps against the calls: a step that has a process or a host do something is a call, and the call bears
// the step's number.

import type { ApiRecord } from '../../record/api-records.ts';
import type { Gap } from '../../record/gap.ts';
import { hostNames } from '../../record/hosts.ts';

export const stepsAndCalls = (records: ApiRecord[]): Gap[] => {
  const end = records.find((record) => record.type === 'end');
  // A run that breaks off may end between the two, and says so itself.
  if (!end || end.error !== undefined || end.interrupted) return [];
  const called = new Set(records.flatMap((record) => (record.type === 'call' ? [record.step] : [])));
  const actors = new Set<string>(hostNames);
  for (const record of records) if (record.type === 'process') actors.add(record.process);
  const wrong = records.find(
    (record) => record.type === 'step' && !called.has(record.step) && isCall(record.what, actors),
  );
  return wrong?.type === 'step'
    ? [{ witness: 'api', reason: `by api.ndjson step ${wrong.step} is "${wrong.what}", and the call is not there` }]
    : [];
};

/**
 * `client: socket-1.end`, `server: accept()`, `close.pkt:7 +0 close(4) = 0`. A step that starts a process is no call,
 * nor is what prepares a host for a script, nor a segment of a script.
 */
const isCall = (what: string, actors: ReadonlySet<string>): boolean => {
  const [, actor = '', doing = ''] = /^(.+?): (.+)$/s.exec(what) ?? [];
  if (actors.has(actor)) return !/^(start |its kernel )/.test(doing);
  return /^\S+\.pkt:\d+ \S+ (\.\.\.\S+ )?\w+\(.*\) = /s.test(what);
};

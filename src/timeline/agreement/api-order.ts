// The log of the calls against itself: every return has its call, steps and the own calls of each process are numbered
// without a hole, what ended had begun, and each writer's times go forward.

import type { ApiRecord } from '../../record/api-records.ts';
import type { Gap } from '../../record/gap.ts';
import { count } from './count.ts';

export const apiOrder = (records: ApiRecord[]): Gap[] =>
  [
    steps(records),
    ownCalls(records),
    returns(records),
    stages(records),
    lacks(records),
    processes(records),
    times(records),
    ends(records),
  ].flatMap((reason) => (reason === undefined ? [] : [{ witness: 'api' as const, reason }]));

const steps = (records: ApiRecord[]): string | undefined => {
  let last = 0;
  for (const record of records) {
    if (record.type === 'step' && record.step !== ++last)
      return `api.ndjson goes from step ${last - 1} to step ${record.step}`;
    if (record.type === 'call' && (record.step ?? 0) > last)
      return `by api.ndjson the call ${record.call} belongs to step ${record.step}, which had not begun`;
  }
  return undefined;
};

/** A process numbers what it does of its own accord: `client:own1`, `client:own2`. */
const ownCalls = (records: ApiRecord[]): string | undefined => {
  const last = new Map<string, number>();
  for (const record of records) {
    const [, process = '', number] = (record.type === 'call' && /^(.*):own(\d+)$/.exec(record.call)) || [];
    if (number === undefined) continue;
    const before = last.get(process) ?? 0;
    if (Number(number) !== before + 1) return `api.ndjson goes from call ${before} of ${process} to call ${number}`;
    last.set(process, before + 1);
  }
  return undefined;
};

const returns = (records: ApiRecord[]): string | undefined => {
  const open = new Map<string, boolean>();
  for (const record of records) {
    if (record.type === 'call') {
      if (open.has(record.call)) return `by api.ndjson the call ${record.call} was made twice`;
      open.set(record.call, true);
    }
    if (record.type !== 'return') continue;
    if (!open.get(record.call))
      return `by api.ndjson the call ${record.call} returned ${open.has(record.call) ? 'twice' : 'and was never made'}`;
    open.set(record.call, false);
  }
  return undefined;
};

const stages = (records: ApiRecord[]): string | undefined => {
  const open = new Set<string>();
  for (const record of records) {
    if (record.type !== 'stage' || record.edge === 'note' || record.edge === 'lacks') continue;
    if (record.edge === 'begin') open.add(record.text);
    else if (!open.delete(record.text)) return `by api.ndjson the stage '${record.text}' ended and never began`;
  }
  const end = records.find((record) => record.type === 'end');
  const [stage] = open;
  if (stage === undefined || !end || end.error !== undefined || end.interrupted) return undefined;
  return `by api.ndjson the script came to its end in the middle of the stage '${stage}'`;
};

/** On a machine that lacks what the experiment needs nothing is done. */
const lacks = (records: ApiRecord[]): string | undefined =>
  records.some((record) => record.type === 'stage' && record.edge === 'lacks') &&
  records.some(({ type }) => type === 'step')
    ? 'by api.ndjson the machine lacked what the experiment needs, and its script was played'
    : undefined;

const processes = (records: ApiRecord[]): string | undefined => {
  const alive = new Map<string, boolean>();
  const parents = new Set<string>();
  for (const record of records) {
    if (record.type !== 'process') continue;
    const { process, edge } = record;
    if (edge === 'descendants-ended') {
      if (parents.delete(process)) continue;
      return `by api.ndjson what ${process} had left behind ended, and it had left nothing`;
    }
    if (edge !== 'start' && alive.get(process) === undefined)
      return `by api.ndjson ${process} ${edge}s and never started`;
    if (edge !== 'start' && alive.get(process) === false) return `by api.ndjson ${process} ${edge}s after its end`;
    if (edge === 'start' && alive.has(process)) return `by api.ndjson ${process} started twice`;
    alive.set(process, edge !== 'exit');
    if (edge === 'exit' && record.orphans) parents.add(process);
  }
  return undefined;
};

/** What one writer says stands in the order of its times; other writers may come in between. */
const times = (records: ApiRecord[]): string | undefined => {
  const last = new Map<string, number>();
  const writers = new Map<string, string>();
  for (const record of records) {
    if (record.type === 'call')
      writers.set(record.call, record.via === 'node' || record.via === 'raw' ? record.process : '');
    const writer = writerOf(record, writers);
    if (!writer) continue;
    if (record.t < (last.get(writer) ?? 0))
      return `the times in api.ndjson go backwards at a record of type ${record.type} of ${writer}`;
    last.set(writer, record.t);
  }
  return undefined;
};

const writerOf = (record: ApiRecord, writers: Map<string, string>): string | undefined => {
  if (record.type === 'call' || record.type === 'return') return writers.get(record.call);
  if (record.type === 'emit') return record.process;
  return record.type === 'step' || record.type === 'stage' || record.type === 'end' ? 'the script' : undefined;
};

/** The harness says at the end how many records there were by then. */
const ends = (records: ApiRecord[]): string | undefined => {
  const all = records.filter((record) => record.type === 'end');
  if (all.length > 1) return 'by api.ndjson the run ended twice';
  const before = all[0] ? records.indexOf(all[0]) : 0;
  const counted = all[0]?.counts?.api ?? before;
  return before === counted
    ? undefined
    : `api.ndjson holds ${count(before, 'record')} before its end, and ${counted} were written`;
};

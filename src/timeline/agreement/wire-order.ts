// The wire's log against itself: frames and operations are numbered without a hole, and each frame has one life: read
// or made, perhaps held and released, then delivered or dropped.
import { hash } from 'node:crypto';
import type { ApiRecord } from '../../record/api-records.ts';
import type { Gap } from '../../record/gap.ts';
import type { WireRecord } from '../../record/wire-records.ts';
import { count } from './count.ts';

export const wireOrder = (records: WireRecord[], api: ApiRecord[]): Gap[] =>
  [tooFew(records, api), numbering(records), lives(records), times(records), madeFrames(records)].flatMap((reason) =>
    reason === undefined ? [] : [{ witness: 'wire' as const, reason }],
  );

type Of<Type extends WireRecord['type']> = Extract<WireRecord, { type: Type }>;

/** The harness says at the end how many records there were by then. */
const tooFew = ({ length }: WireRecord[], api: ApiRecord[]): string | undefined => {
  const written = api.find((record) => record.type === 'end')?.counts?.wire ?? 0;
  return length < written ? `wire.ndjson holds ${count(length, 'record')}, and ${written} were written` : undefined;
};

/** The first number that is missing, stands twice or stands in another place. */
const numbering = (records: WireRecord[]): string | undefined => {
  let frames = 0;
  let operations = 0;
  for (const record of records) {
    if ((record.type === 'read' || record.type === 'make') && record.frame !== ++frames)
      return `wire.ndjson goes from frame ${frames - 1} to frame ${record.frame}`;
    if (record.type === 'operation' && record.operation !== ++operations)
      return `wire.ndjson goes from operation ${operations - 1} to operation ${record.operation}`;
  }
  return undefined;
};

/** What the wire may do with a frame after what it did last. */
const next: Record<string, string[]> = {
  begun: ['deliver', 'drop', 'hold', 'delay'],
  delay: ['deliver', 'drop', 'hold'],
  hold: ['release'],
  // A cut is absolute, and so is a link that is down.
  release: ['deliver', 'drop'],
  deliver: [],
  drop: [],
};

const lives = (records: WireRecord[]): string | undefined => {
  const states = new Map<number, string>();
  const operations = new Set<number>();
  for (const record of records) {
    if (record.type === 'operation') operations.add(record.operation);
    else if (record.type === 'read' || record.type === 'make') states.set(record.frame, 'begun');
    else {
      const before = states.get(record.frame);
      if (before === undefined) return `by wire.ndjson frame ${record.frame} has a fate, and was never read`;
      if (!next[before]?.includes(record.type))
        return `by wire.ndjson frame ${record.frame} had one fate (${before}) and then another (${record.type})`;
      states.set(record.frame, record.type);
    }
    if (record.type !== 'operation' && 'operation' in record && !operations.has(record.operation as number))
      return `by wire.ndjson frame ${record.frame} was treated by operation ${record.operation}, which was never asked for`;
  }
  return fateless(states);
};

/**
 * Frames pass in order: one that has no fate, though a later one has, has lost it. What came last may still have been
 * on its way.
 */
const fateless = (states: Map<number, string>): string | undefined => {
  const all = [...states];
  const isOpen = (state: string) => state === 'begun' || state === 'delay';
  const decided = all.findLastIndex(([, state]) => !isOpen(state));
  const lost = all.findIndex(([, state], index) => isOpen(state) && index < decided);
  return lost < 0 ? undefined : `wire.ndjson does not say what became of frame ${all[lost]?.[0]}`;
};

/**
 * The records of one writer stand in the order of their times; a frame is read before it is given, and given before it
 * is processed.
 */
const times = (records: WireRecord[]): string | undefined => {
  const last = new Map<string, number>();
  const begun = new Map<number, number>();
  for (const record of records) {
    const before = last.get(writerOf(record)) ?? 0;
    if (record.t < before) return `the times in wire.ndjson go backwards at a record of type ${record.type}`;
    last.set(writerOf(record), record.t);
    if (record.type === 'read' || record.type === 'make') begun.set(record.frame, record.t);
    if (record.type !== 'deliver') continue;
    if (record.done < record.t || record.t < (begun.get(record.frame) ?? record.t))
      return `by wire.ndjson frame ${record.frame} was delivered before it was read`;
  }
  return undefined;
};

/** The sidecars stamp what they read and what they deliver, the collector all else. */
const writerOf = (record: WireRecord): string => {
  if (record.type === 'read') return `read from ${record.from}`;
  return record.type === 'deliver' ? `delivered to ${record.to}` : 'wire';
};

const madeFrames = (records: WireRecord[]): string | undefined => {
  const made = records.filter((record): record is Of<'make'> => record.type === 'make');
  if (made.length === 0) return undefined;
  const names = new Map(
    records.flatMap((record) => (record.type === 'operation' ? [[record.operation, record.name]] : [])),
  );
  const wrong = made.find(
    ({ digest, data, origin, operation }) =>
      hash('sha1', Buffer.from(data, 'base64'), 'hex').slice(0, 16) !== digest ||
      (operation !== undefined && names.get(operation) !== origin),
  );
  return wrong && `frame ${wrong.frame}, which the wire made, is not the one wire.ndjson describes`;
};

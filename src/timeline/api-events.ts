// Turns the records of api.ndjson into events, and finds the connection each call and each emitted event is about.
import type { ApiRecord } from '../record/api-records.ts';
import { type Endpoint, plainAddress } from '../record/endpoint.ts';
import { destinationIn, matchConnects, type Pair, refusedAtOnce } from './connects.ts';
import { type Draft, noId } from './draft.ts';
import type { CallEvent, EmitEvent, OutputEvent, ProcessEvent, StageEvent, TimelineEvent } from './schema.ts';
import type { SegmentDraft } from './segments.ts';
import {
  type Context,
  connectionFields,
  fillBook,
  find,
  isRawConnect,
  makesSocket,
  type Of,
  targetOf,
} from './socket-book.ts';
import type { TargetBook } from './targets.ts';

export type CallDraft = Draft<CallEvent>;

export type ProcessDraft = Draft<ProcessEvent>;

/** All events of the API log, sorted by time, each kind apart. */
export type ApiEvents = {
  calls: CallDraft[];
  emits: Draft<EmitEvent>[];
  processes: ProcessDraft[];
  others: Draft<OutputEvent | StageEvent>[];
};

export const makeApiEvents = (records: ApiRecord[], segments: SegmentDraft[], context: Context): ApiEvents => {
  const sorted = records.map(withPlainAddresses).sort((a, b) => a.t - b.t);
  const returns = new Map(
    sorted.flatMap((record) => (record.type === 'return' ? [[record.call, record] as const] : [])),
  );
  const connects = matchConnects(
    { records: sorted, returns, segments },
    { find: ({ host, t, local, remote }) => find(context, host, local, remote, t), at: context.clock.fromMonotonic },
  );
  const book = fillBook(sorted, { returns, connects }, context);
  const events: ApiEvents = { calls: [], emits: [], processes: [], others: [] };
  for (const record of sorted) {
    if (record.type === 'call')
      events.calls.push(callEvent(record, { back: returns.get(record.call), book, connects }, context));
    if (record.type === 'emit') events.emits.push(emitEvent(record, book, context));
    if (record.type === 'process')
      events.processes.push({ event: { ...base(record, context), kind: 'process', ...without(record, 'type', 't') } });
    if (record.type === 'output')
      events.others.push({ event: { ...base(record, context), kind: 'output', ...without(record, 'type', 't') } });
    if (record.type === 'stage')
      events.others.push({ event: { ...base(record, context), kind: 'stage', edge: record.edge, text: record.text } });
  }
  return events;
};

/** A socket of IPv6 may have a peer of IPv4: on the wire, and in ss, that is a connection of IPv4. */
const withPlainAddresses = (record: ApiRecord): ApiRecord => {
  const { local, remote } = record as { local?: Endpoint; remote?: Endpoint };
  return {
    ...record,
    ...(local && { local: { ...local, address: plainAddress(local.address) } }),
    ...(remote && { remote: { ...remote, address: plainAddress(remote.address) } }),
  };
};

const base = (
  { t }: { t: number },
  { clock, moments }: Context,
): Pick<TimelineEvent, 'id' | 'at' | 'step' | 'stage'> => {
  const stage = moments.stageAt(t);
  return { id: noId, at: clock.fromMonotonic(t), step: moments.stepAt(t), ...(stage !== undefined && { stage }) };
};

/** The object without some fields and without those that are undefined. */
const without = <T extends object, K extends keyof T>(object: T, ...left: K[]): Omit<T, K> =>
  Object.fromEntries(
    Object.entries(object).filter(([key, value]) => value !== undefined && !left.includes(key as K)),
  ) as Omit<T, K>;

const callEvent = (
  record: Of<'call'>,
  { back, book, connects }: { back?: Of<'return'>; book: TargetBook; connects: ReadonlyMap<string, Pair> },
  context: Context,
): CallDraft => {
  const { host, process, via, by, api, args, source } = record;
  const target = targetOf(record);
  const made = connects.get(record.call);
  const about = made
    ? { t: record.t, ...made }
    : makesSocket.has(api) && back?.remote
      ? back
      : addressesOf(record, back, target, book);
  const event: CallEvent = { ...base(record, context), kind: 'call', host, process, via, by, api, args };
  if (record.step !== undefined) event.step = record.step;
  if (target !== undefined) event.target = target;
  Object.assign(event, connectionFields(host, about, context));
  if (back)
    event.returned = {
      at: context.clock.fromMonotonic(back.t),
      ...without(back, 'type', 't', 'call', 'local', 'remote'),
    };
  if (source) event.source = source;
  return { event };
};

const destinationOf = ({ args }: Of<'call'>): { remote?: Endpoint } => {
  const { address, port } = destinationIn(args);
  return address === undefined || port === undefined ? {} : { remote: { address, port } };
};

/** The most complete of: the record itself, its return, what is known of its handle. */
const addressesOf = (
  record: Of<'call'>,
  back: Of<'return'> | undefined,
  target: string | undefined,
  book: TargetBook,
) => {
  // What a raw process knew before connect() is about the pair before.
  if (isRawConnect(record) && !refusedAtOnce.has(back?.errno ?? '')) return { t: record.t, ...destinationOf(record) };
  if (record.local && record.remote) return record;
  if (back?.local && back.remote) return back;
  const known = target === undefined ? undefined : book.recall(record.process, target, record.t);
  return known?.remote
    ? known
    : { t: record.t, local: record.local ?? back?.local ?? known?.local, remote: record.remote ?? back?.remote };
};

const emitEvent = (record: Of<'emit'>, book: TargetBook, context: Context): Draft<EmitEvent> => {
  const { host, process, target, name } = record;
  const known = record.local && record.remote ? record : book.recall(process, target, record.t);
  const about = { t: record.t, local: record.local ?? known?.local, remote: record.remote ?? known?.remote };
  const event: EmitEvent = { ...base(record, context), kind: 'emit', host, process, target, name };
  Object.assign(
    event,
    connectionFields(host, about, context),
    without(record, 'type', 't', 'host', 'process', 'target', 'name', 'local', 'remote'),
  );
  return { event };
};

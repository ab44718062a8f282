// Turns the records of api.ndjson into events, and finds the connection each call and each emitted event is about.
import type { ApiRecord } from '../../record/api-records.ts';
import { type Endpoint, isSameEndpoint } from '../../record/endpoint.ts';
import { type Draft, noId } from '../draft.ts';
import type { CallEvent, EmitEvent, OutputEvent, ProcessEvent, StageEvent, TimelineEvent } from '../schema.ts';
import { countAtOrBefore } from '../search.ts';
import type { SegmentDraft } from '../segments/segments.ts';
import { destinationIn, matchConnects, type Pair, refusedAtOnce } from './connects.ts';
import { withPlainAddresses } from './plain-addresses.ts';
import {
  acceptedSocket,
  type Context,
  connectionFields,
  fillBook,
  find,
  isRawConnect,
  madeSocket,
  makesSocket,
  type Of,
  targetOf,
} from './socket-book.ts';
import { isSamePair, type TargetBook } from './targets.ts';

/** `writesUntil`: Node has not written all of it when the call returns; it writes on until then at the latest. */
export type CallDraft = Draft<CallEvent> & { writesUntil?: number };

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
    { find: ({ t, local, remote }) => find(context, local, remote, t), at: context.clock.fromMonotonic },
  );
  const book = fillBook(sorted, { returns, connects, segments }, context);
  const events: ApiEvents = { calls: [], emits: [], processes: [], others: [] };
  for (const record of sorted) {
    if (record.type === 'call')
      events.calls.push(callEvent(record, { back: returns.get(record.call), book, connects }, context));
    if (record.type === 'emit') events.emits.push(emitEvent(record, book, context));
    if (record.type === 'process') {
      const { aliveAt, ...fields } = without(record, 'type', 't');
      const alive = aliveAt !== undefined && { aliveAt: context.clock.fromMonotonic(aliveAt) };
      events.processes.push({ event: { ...base(record, context), kind: 'process', ...fields, ...alive } });
    }
    if (record.type === 'output') {
      const isLater = survivedBy(record, events);
      const fields = { ...without(record, 'type', 't'), ...(isLater && { afterItsEnd: true as const }) };
      events.others.push({ event: { ...base(record, context), kind: 'output', ...fields } });
    }
    if (record.type === 'stage')
      events.others.push({ event: { ...base(record, context), kind: 'stage', edge: record.edge, text: record.text } });
  }
  const ends = endsOfWriting(events);
  for (const draft of events.calls) if (isUnfinished(draft)) draft.writesUntil = ends(draft);
  return events;
};

/** Whether the process had ended, and had left children behind that print where it did. */
const survivedBy = ({ host, process }: Of<'output'>, { processes, calls }: ApiEvents): boolean => {
  const isOwn = (one: ProcessEvent | CallEvent) => one.host === host && one.process === process;
  const end = processes.findLast(({ event }) => isOwn(event) && event.edge === 'exit');
  return (
    end !== undefined &&
    (Boolean(end.event.orphans) || calls.some(({ event }) => isOwn(event) && event.api === 'share'))
  );
};

/** write() has said that its buffer is full, or end() was given last words. */
const isUnfinished = ({ event: { via, api, args, returned } }: CallDraft) =>
  via === 'node' && ((api === 'write' && returned?.value === false) || (api === 'end' && args.length > 0));

/** When Node has given all of it to the kernel: it says 'drain', or shuts the socket down, which ends its writing. */
const endsOfWriting = ({ emits, calls }: ApiEvents) => {
  const isEnd = ({ event }: { event: CallEvent | EmitEvent }) =>
    event.kind === 'emit'
      ? /^(drain|error|close)$/.test(event.name)
      : event.by === 'node' && /^(shutdown|close)$/.test(event.api);
  const socketOf = ({ host, process, target }: CallEvent | EmitEvent) => `${host} ${process} ${target}`;
  const ends = [...emits, ...calls].filter(isEnd).sort((a, b) => a.event.at - b.event.at);
  const bySocket = Map.groupBy(ends, ({ event }) => socketOf(event));
  return ({ event }: CallDraft): number => {
    const own = bySocket.get(socketOf(event)) ?? [];
    const next = own[countAtOrBefore(own, event.at, (one) => one.event.at)];
    return next?.event.at ?? Number.POSITIVE_INFINITY;
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
  const socket = makesSocket.has(api) && back ? madeSocket(back) : target;
  const event: CallEvent = { ...base(record, context), kind: 'call', host, process, via, by, api, args };
  if (record.step !== undefined) event.step = record.step;
  if (target !== undefined) event.target = target;
  Object.assign(event, connectionFields(host, ofItsSocket(about, record.process, socket, book), context));
  if (back)
    event.returned = {
      at: context.clock.fromMonotonic(back.t),
      ...without(back, 'type', 't', 'call', 'local', 'remote', 'latest'),
      ...(back.latest !== undefined && { latest: context.clock.fromMonotonic(back.latest) }),
    };
  if (source) event.source = source;
  if (record.asked) event.asked = record.asked;
  if (record.inherited) event.inherited = record.inherited;
  if (record.disposition) event.disposition = record.disposition;
  if (record.children) event.children = record.children;
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
  if (isRawConnect(record) && !refusedAtOnce.has(back?.errno ?? '')) {
    const destination = destinationOf(record);
    // A second one asks what has become of the first, and opens nothing.
    const earlier = target === undefined ? undefined : book.recall(record.process, target, record.t);
    const isAgain = back && !back.errno && isSameEndpoint(earlier?.remote, destination.remote);
    return isAgain && earlier ? earlier : { t: record.t, ...destination };
  }
  if (record.local && record.remote) return record;
  if (back?.local && back.remote) return back;
  const known = target === undefined ? undefined : book.recall(record.process, target, record.t);
  return known?.remote
    ? known
    : { t: record.t, local: record.local ?? back?.local ?? known?.local, remote: record.remote ?? back?.remote };
};

/** With the connection that the socket is known to be of, if that has these addresses. */
const ofItsSocket = <About extends { t: number; local?: Endpoint; remote?: Endpoint }>(
  about: About,
  process: string,
  socket: string | undefined,
  book: TargetBook,
): About & { connection?: { number: number } } => {
  const known = socket === undefined ? undefined : book.recall(process, socket, about.t);
  return known?.connection && isSamePair(known, about) ? { ...about, connection: known.connection } : about;
};

const emitEvent = (record: Of<'emit'>, book: TargetBook, context: Context): Draft<EmitEvent> => {
  const { host, process, target, name } = record;
  const socket = name === 'connection' ? acceptedSocket(record) : target;
  const known = record.local && record.remote ? record : book.recall(process, socket ?? target, record.t);
  const about = { t: record.t, local: record.local ?? known?.local, remote: record.remote ?? known?.remote };
  const event: EmitEvent = { ...base(record, context), kind: 'emit', host, process, target, name };
  Object.assign(
    event,
    connectionFields(host, ofItsSocket(about, process, socket, book), context),
    without(record, 'type', 't', 'host', 'process', 'target', 'name', 'local', 'remote'),
  );
  return { event };
};

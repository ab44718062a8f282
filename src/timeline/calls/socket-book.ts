// Which socket a call or an event is about: targets by their addresses, as they are told.

import type { ApiRecord } from '../../record/api-records.ts';
import { type Endpoint, isSameEndpoint } from '../../record/endpoint.ts';
import { fieldIn, numberIn, textIn } from '../../record/fields.ts';
import type { HostName } from '../../record/hosts.ts';
import { isSystemCall } from '../../record/part-records.ts';
import type { ConnectionIndex } from '../connection-index.ts';
import type { Moments } from '../moments.ts';
import type { Clock } from '../reading/clock.ts';
import type { CallEvent } from '../schema.ts';
import type { SegmentDraft } from '../segments/segments.ts';
import { createAccepted } from './accepted.ts';
import type { Pair } from './connects.ts';
import { matchNameless } from './reset-in-queue.ts';
import { createTargetBook, isSamePair, type TargetBook } from './targets.ts';

/** What the making of events needs to know about the run. */
export type Context = { clock: Clock; moments: Moments; connections: ConnectionIndex };

export type Of<Type extends ApiRecord['type']> = Extract<ApiRecord, { type: Type }>;

type Known = {
  returns: Map<string, Of<'return'>>;
  connects: ReadonlyMap<string, Pair>;
  segments: readonly SegmentDraft[];
};

/** What one record tells of a socket's addresses. */
type Telling = { t: number; local?: Endpoint; remote?: Endpoint };

/**
 * A socket stays that of its connection for as long as it has its addresses, even when another connection has them
 * next.
 */
export const fillBook = (
  records: ApiRecord[],
  { returns, connects, segments }: Known,
  context: Context,
): TargetBook => {
  const book = createTargetBook();
  const accepted = createAccepted(segments, context);
  /** Sockets that the kernel may tell no peer of any more (ENOTCONN): by process and handle. */
  const peers = new Map<string, Pair>();
  const learn = (
    host: HostName,
    process: string,
    target: string | undefined,
    { t, local, remote }: Telling,
    known = target === undefined ? undefined : book.latest(process, target),
  ) => {
    if (target === undefined || !local) return;
    const paired = remote ? undefined : peers.get(`${process} ${target}`);
    if (paired && isSameEndpoint(paired.local, local)) {
      book.learn(process, target, { ...paired, t });
      return;
    }
    const stays = remote && isSamePair(known, { local, remote }) ? known?.connection : undefined;
    // A socket with a peer that has not connected was accepted.
    const chosen = remote && !stays && !known?.remote ? accepted.take(host, { t, local, remote }) : undefined;
    const connection = stays ?? chosen ?? (remote && find(context, local, remote, t));
    book.learn(process, target, { t, local, remote, connection });
  };
  for (const { process, target, ...pair } of matchNameless(records, segments, context.clock))
    peers.set(`${process} ${target}`, pair);
  for (const record of records) {
    // The addresses in a server's 'connection' are those of the socket it accepted.
    if (record.type === 'emit') {
      const socket = record.name === 'connection' ? acceptedSocket(record) : record.target;
      learn(record.host, record.process, socket, record);
    }
    if (record.type !== 'call') continue;
    const { host, process, api } = record;
    const target = targetOf(record);
    const back = returns.get(record.call);
    if (back?.local && /^listen/.test(api)) accepted.listen(host, back.local.port, record.t);
    const made = connects.get(record.call);
    // From here on the descriptor means another pair, whatever was known of it.
    if (made && target !== undefined) book.learn(process, target, { t: record.t, ...made });
    if (isRawConnect(record)) continue;
    if (api !== 'accept') learn(host, process, target, record);
    const original = api === 'dup' && target !== undefined ? book.latest(process, target) : undefined;
    if (back) learn(host, process, makesSocket.has(api) ? madeSocket(back) : target, back, original);
    if (api === 'share' && back) {
      const { from, to, name } = sharedBy(record, back);
      const fact = book.latest(process, from);
      if (fact?.remote) peers.set(`${name} ${to}`, { ...fact, remote: fact.remote });
    }
    if (api === 'close' && target?.startsWith('fd ') && back && back.errno === undefined)
      book.forget(process, target, back.t);
  }
  return book;
};

export const find = ({ connections, clock }: Context, local: Endpoint, remote: Endpoint, t: number) =>
  connections.find(local, remote, clock.fromMonotonic(t));

export const acceptedSocket = ({ detail }: Of<'emit'>) =>
  typeof detail?.socket === 'string' ? detail.socket : undefined;

/** Whose descriptor a process that shares one gives to its child, and as what the child has it. */
const sharedBy = ({ args: [first], target, via }: Of<'call'>, { value }: Of<'return'>) => {
  const name = textIn(first, 'name') ?? '';
  if (via === 'raw') return { name, from: `fd ${numberIn(first, 'descriptor')}`, to: `fd ${inheritedDescriptor}` };
  return { name, from: textIn(first, 'target') ?? target ?? '', to: textIn(value, 'target') ?? '' };
};

/** The first descriptor that a child has beside its inputs and outputs (src/host/inherited.ts). */
const inheritedDescriptor = 3;

/** A raw process names descriptors by number, as its first argument. */
export const targetOf = ({ target, via, args: [first] }: Of<'call'>) => {
  const descriptor = fieldIn(first, 'descriptor') ?? first;
  return target ?? (via === 'raw' && typeof descriptor === 'number' ? `fd ${descriptor}` : undefined);
};

/** Calls whose return speaks of the socket they made, not of the one they were made on. */
export const makesSocket = new Set(['accept', 'socket', 'dup']);

export const madeSocket = (returned: { value?: unknown } | undefined): string | undefined => {
  const fd = fieldIn(returned?.value, 'fd') ?? returned?.value;
  return typeof fd === 'number' ? `fd ${fd}` : undefined;
};

/** The port a listen or close on a listener is about: of its address, its settings, or what it returned. */
export const listenerPortOf = ({ local, args: [first], returned }: Pick<CallEvent, 'local' | 'args' | 'returned'>) =>
  local?.port ?? numberIn(first, 'port') ?? numberIn(returned?.value, 'port');

export const isRawConnect = (record: Of<'call'>) => record.api === 'connect' && isSystemCall(record);

export const connectionFields = (
  _host: HostName,
  about: { t: number; local?: Endpoint; remote?: Endpoint; connection?: { number: number } },
  context: Context,
) => {
  const { t, local, remote } = about;
  const connection = about.connection ?? (local && remote && find(context, local, remote, t));
  return { ...(local && { local }), ...(remote && { remote }), ...(connection && { connection: connection.number }) };
};

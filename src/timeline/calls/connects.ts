// Which connection each connect() made. What its record or its return says is not always there: a connect that was
// refused, or that nobody answered, has lost its own port; then its SYN tells.

import type { ApiRecord } from '../../record/api-records.ts';
import { type Endpoint, plainAddress } from '../../record/endpoint.ts';
import { numberIn, textIn } from '../../record/fields.ts';
import type { HostName } from '../../record/hosts.ts';
import { isSystemCall } from '../../record/part-records.ts';
import type { SegmentEvent } from '../schema.ts';
import type { SegmentDraft } from '../segments/segments.ts';

type Of<Type extends ApiRecord['type']> = Extract<ApiRecord, { type: Type }>;
type Returns = ReadonlyMap<string, Of<'return'>>;
/** The addresses of a connect, and the connection it made. */
export type Pair = { local: Endpoint; remote: Endpoint; connection?: { number: number } };
/** Addresses a host has told, and when (CLOCK_MONOTONIC, ns). */
export type Reported = { host: HostName; t: number; local: Endpoint; remote: Endpoint };

/**
 * The pair of each connect by its call, as far as it can be told. `find` gives the connection of told addresses, `at`
 * the timeline's time.
 */
export const matchConnects = (
  { records, returns, segments }: { records: ApiRecord[]; returns: Returns; segments: SegmentDraft[] },
  { find, at }: { find(reported: Reported): { number: number } | undefined; at(t: number): number },
): Map<string, Pair> => {
  const connects = records.filter((record): record is Of<'call'> => record.type === 'call' && record.api === 'connect');
  const pairs = new Map<string, Pair>();
  for (const record of connects) {
    const reported = reportedBy(record, returns.get(record.call));
    if (reported)
      pairs.set(record.call, { local: reported.local, remote: reported.remote, connection: find(reported) });
  }
  const claimed = new Set([...pairs.values()].map(({ connection }) => connection?.number));
  const syns = firstSyns(segments).filter(({ connection }) => !claimed.has(connection));
  for (const record of connects) {
    const back = returns.get(record.call);
    if (pairs.has(record.call) || refusedAtOnce.has(back?.errno ?? '')) continue;
    const index = syns.findIndex(
      (syn) => isOf(syn, record) && isDuring(syn, at(record.t), isSystemCall(record) && back ? at(back.t) : undefined),
    );
    const [syn] = index < 0 ? [] : syns.splice(index, 1);
    if (syn)
      pairs.set(record.call, { local: syn.source, remote: syn.destination, connection: { number: syn.connection } });
  }
  return pairs;
};

/** connect(2) on no socket, or on one that is connected or about to be, opens nothing. */
export const refusedAtOnce = new Set(['EBADF', 'EISCONN', 'EALREADY']);

/** A raw process has asked the kernel after a connect that succeeded; what it knew before is about another pair. */
const reportedBy = (record: Of<'call'>, back: Of<'return'> | undefined): Reported | undefined => {
  const { host } = record;
  if (isSystemCall(record) && back?.errno !== undefined) return undefined;
  for (const one of isSystemCall(record) ? [back] : [record, back])
    if (one?.local && one.remote) return { host, t: one.t, local: one.local, remote: one.remote };
  return undefined;
};

/** The SYN that began each connection, in order of time. */
const firstSyns = (segments: SegmentDraft[]): SegmentEvent[] => {
  const first = new Map<number, SegmentEvent>();
  for (const { event } of segments)
    if (event.flags.replace(/[EW]/g, '') === 'S' && event.origin === 'host' && !first.has(event.connection))
      first.set(event.connection, event);
  return [...first.values()];
};

const isOf = (syn: SegmentEvent, { host, args }: Of<'call'>): boolean => {
  const { address, port } = destinationIn(args);
  if (syn.from !== host || (port !== undefined && syn.destination.port !== port)) return false;
  return address === undefined || syn.destination.address === address;
};

/** connect(2) sends the SYN itself, Node some turns of its loop after the call. */
const isDuring = ({ at }: SegmentEvent, from: number, to = Number.POSITIVE_INFINITY): boolean =>
  at >= from - clockSlack && at <= to + clockSlack;

/** What a captured time may differ by (ns). */
const clockSlack = 100_000;

/** Node's `connect({ host, port })`, a raw `connect(descriptor, port, address)`. */
export const destinationIn = (args: unknown[]): { address?: string; port?: number } => {
  const settings = args.find((argument) => typeof argument === 'object' && argument !== null);
  const givenPort = numberIn(settings, 'port');
  const said = args.find((argument): argument is string => typeof argument === 'string' && isAddress(argument));
  const address = givenPort === undefined ? said : (textIn(settings, 'host') ?? textIn(settings, 'address'));
  const port = givenPort ?? args.slice(1).find((argument): argument is number => typeof argument === 'number');
  return { address: address && plainAddress(address), port };
};

const isAddress = (text: string) => /^\d+(\.\d+){3}$/.test(text) || /^[0-9a-f]*:[0-9a-f:.]*$/i.test(text);

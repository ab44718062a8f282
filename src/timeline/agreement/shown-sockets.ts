// What ss shows against what tcpdump captured. A host that sends two segments of a connection has a socket for it in
// between, and one whose handshake is complete has one until something ends it, so that every look in between must show
// it; and a socket counts the bytes it has sent and received, of which none can be missing in the captures.

import type { Endpoint } from '../../record/endpoint.ts';
import type { Gap } from '../../record/gap.ts';
import { type HostName, hostNames } from '../../record/hosts.ts';
import { itemAt } from '../../record/item-at.ts';
import type { DestroyedSocket, Sample, SocketRow } from '../../record/samples.ts';
import { pairKey } from '../connection-index.ts';
import type { CallEvent, ProcessEvent, SegmentEvent } from '../schema.ts';
import { countAtOrBefore } from '../search.ts';
import { count } from './count.ts';

/** As it stands in the timeline. */
export type Shown = {
  segments: readonly SegmentEvent[];
  samples: readonly Sample[];
  destroyed: readonly DestroyedSocket[];
  /** Calls, and ends of processes: what may end a socket. */
  calls: readonly CallEvent[];
  exits: readonly ProcessEvent[];
  /**
   * Hosts whose link was taken down, or on which a program ran that may have set a route or a filter: what they send
   * then no capture has.
   */
  cutOff: ReadonlySet<HostName>;
  /** Hosts that answered a SYN with a SYN cookie, by their kernel's counters. */
  cookies: ReadonlySet<HostName>;
};

export const shownSockets = ({ segments, samples, destroyed, calls, exits, cutOff, cookies }: Shown): Gap[] =>
  hostNames.flatMap((host) => {
    const good = samples.filter((sample) => sample.host === host && sample.ok);
    const pairs = Map.groupBy(segments, (segment) => pairKey(...endsOf(segment, host)));
    const ends = [...calls.filter(({ api }) => ending.has(api)), ...exits].filter((one) => one.host === host);
    const reports = destroyed.filter((one) => one.host === host);
    return [
      ...unseen(host, good, pairs, {
        ends: ends.map(({ at }) => at),
        isStateless: cookies.has(host),
      }),
      ...uncaptured(host, [...good.flatMap(({ rows }) => rows), ...reports], pairs, cutOff.has(host)),
    ];
  });

type Pairs = Map<string, SegmentEvent[]>;

const ending = new Set([
  'close',
  'destroy',
  'destroySoon',
  'end',
  'shutdown',
  'reset',
  'resetAndDestroy',
  'kill',
  'exit',
  'crash',
]);

const endsOf = ({ from, source, destination }: SegmentEvent, host: HostName): [Endpoint, Endpoint] =>
  from === host ? [source, destination] : [destination, source];

type Lives = {
  /** When something may have ended a socket of the host (ns). */
  ends: number[];
  /**
   * With SYN cookies a host has a socket only once it has taken the third segment of the handshake, and it may refuse
   * that (RFC 4987, section 3.6).
   */
  isStateless: boolean;
};

/** A witness that once leaves out what must have been there is in doubt for the whole run. */
const unseen = (host: HostName, samples: Sample[], pairs: Pairs, lives: Lives): Gap[] => {
  const missing = new Set<string>();
  let example = '';
  for (const [key, segments] of pairs) {
    const moments = segments.flatMap((one) => [one.sentAt ?? [], one.receivedAt ?? []].flat());
    for (const [from, to] of [...betweenSegments(host, segments, lives), ...afterOpening(host, segments, lives)]) {
      for (let index = countAtOrBefore(samples, from, beginOf); index < samples.length; index++) {
        const { id, begin, end, rows } = itemAt(samples, index);
        if (end >= to) break;
        // ss does not read all sockets at one instant, and one that changes meanwhile may escape it.
        if (moments.some((at) => at >= begin && at <= end)) continue;
        if (rows.some(({ local, peer }) => pairKey(local, peer) === key)) continue;
        missing.add(id);
        example ||= key.replace(' ', ' to ');
      }
    }
  }
  if (missing.size === 0) return [];
  return [
    {
      witness: 'ss',
      host,
      reason: `in ${count(missing.size, 'sample')} ss shows no socket where by its segments the ${host} had one (${example})`,
    },
  ];
};

const beginOf = ({ begin }: Sample) => begin;
type Span = [from: number, to: number];

/**
 * Between two segments of one connection that the host's kernel sent for a socket of its own, and not as an answer to a
 * new SYN.
 */
const betweenSegments = (host: HostName, segments: SegmentEvent[], { isStateless }: Lives): Span[] => {
  const arrived = arrivedAt(host, segments);
  const sent = sentBy(host, segments).filter((one) => !has(one, 'R'));
  return sent.slice(1).flatMap((next, index): Span[] => {
    const previous = itemAt(sent, index);
    const between = arrived.filter(({ receivedAt = 0 }) => receivedAt > timeOf(previous) && receivedAt < timeOf(next));
    if (previous.connection !== next.connection || between.some((one) => has(one, 'S') && !has(one, '.'))) return [];
    const isAnswer = has(previous, 'S') && has(previous, '.');
    if (isAnswer && isStateless) return [];
    const begin = isAnswer ? between[0]?.receivedAt : timeOf(previous);
    return begin === undefined ? [] : [[begin, timeOf(next)]];
  });
};

/** The first moments of a connection that has come about, before anything could end it: no timer is as short as that. */
const afterOpening = (host: HostName, segments: SegmentEvent[], { ends, isStateless }: Lives): Span[] => {
  const byConnection = Map.groupBy(segments, ({ connection }) => connection);
  return [...byConnection.values()].flatMap((own): Span[] => {
    const [sent, arrived] = [sentBy(host, own), arrivedAt(host, own)];
    const synAck = [...sent, ...arrived].find((one) => has(one, 'S') && has(one, '.') && one.origin === 'host');
    if (!synAck || (isStateless && synAck.from === host)) return [];
    const isAnswer = (one: SegmentEvent) => !has(one, 'S') && !has(one, 'R') && one.at > synAck.at;
    const third = synAck.from === host ? arrived.find(isAnswer)?.receivedAt : sent.find(isAnswer)?.sentAt;
    if (third === undefined) return [];
    const last = own.filter((one) => has(one, 'F') || has(one, 'R')).map(({ at }) => at);
    const isIdle = sent.every(({ length }) => length === 0);
    const opening = isIdle ? idleNanoseconds : openingNanoseconds;
    const until = Math.min(third + opening, ...last, ...ends.filter((at) => at >= third));
    return [[third + settlingNanoseconds, until]];
  });
};

const openingNanoseconds = 150e6;
/** With nothing that waits for an acknowledgement there is but that of keepalive: TCP_KEEPIDLE counts in seconds (tcp(7)). */
const idleNanoseconds = 900e6;
/** The capture has a segment before TCP does. */
const settlingNanoseconds = 1e6;

const has = ({ flags }: SegmentEvent, letter: string) => flags.includes(letter);
const timeOf = ({ sentAt, at }: SegmentEvent) => sentAt ?? at;
const sentBy = (host: HostName, segments: SegmentEvent[]) =>
  segments
    .filter(({ from, origin, sentAt }) => from === host && origin === 'host' && sentAt !== undefined)
    .sort((a, b) => timeOf(a) - timeOf(b));
const arrivedAt = (host: HostName, segments: SegmentEvent[]) =>
  segments
    .filter(({ to, receivedAt }) => to === host && receivedAt !== undefined)
    .sort((a, b) => (a.receivedAt ?? 0) - (b.receivedAt ?? 0));

/**
 * Each socket's own counters (tcp_info, RFC 4898): bytes sent with their retransmissions, bytes received once, and a
 * FIN is counted as one (tcp_rcv_nxt_update(), net/ipv4/tcp_input.c).
 */
const uncaptured = (
  host: HostName,
  counters: Pick<SocketRow, 'local' | 'peer' | 'info'>[],
  pairs: Pairs,
  isCutOff: boolean,
): Gap[] => {
  const most = { bytes_sent: new Map<string, number>(), bytes_received: new Map<string, number>() };
  for (const { local, peer, info } of counters) {
    for (const counter of ['bytes_sent', 'bytes_received'] as const) {
      const key = pairKey(local, peer);
      const value = Number(info[counter]);
      if (value > (most[counter].get(key) ?? 0)) most[counter].set(key, value);
    }
  }
  const wrong = [...pairs].find(([key, segments]) => {
    const sent = segments.filter(({ from, sentAt }) => from === host && sentAt !== undefined);
    const received = segments.filter(({ to, receivedAt }) => to === host && receivedAt !== undefined);
    const isMoreSent = !isCutOff && (most.bytes_sent.get(key) ?? 0) > bytesOf(sent);
    return isMoreSent || (most.bytes_received.get(key) ?? 0) > spaceOf(received);
  });
  if (!wrong) return [];
  const reason = `by ss a socket of the ${host} has sent or received more bytes than ${host}.pcap holds of its connection (${wrong[0].replace(' ', ' to ')})`;
  return [{ witness: 'tcpdump', host, reason }];
};

const bytesOf = (segments: SegmentEvent[]) => segments.reduce((sum, { length }) => sum + length, 0);
const spaceOf = (segments: SegmentEvent[]) =>
  bytesOf(segments) + segments.filter(({ flags }) => flags.includes('F')).length;

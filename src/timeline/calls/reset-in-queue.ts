// Sockets that were reset before they were accepted: getpeername(2) gives ENOTCONN then, so that Node tells no peer of
// theirs. Which connection such a socket is of is known where each can be matched: the accept queue gives them in the
// order in which they came (inet_csk_accept(), net/ipv4/inet_connection_sock.c).

import type { ApiRecord } from '../../record/api-records.ts';
import { type Endpoint, isSameEndpoint } from '../../record/endpoint.ts';
import type { HostName } from '../../record/hosts.ts';
import { pairKey } from '../connection-index.ts';
import type { Clock } from '../reading/clock.ts';
import type { SegmentDraft } from '../segments/segments.ts';
import { establishedIn } from './accepted.ts';

/** The connection of a socket that a process has accepted without being told its peer. */
export type Matched = {
  process: string;
  target: string;
  connection: { number: number };
  local: Endpoint;
  remote: Endpoint;
};

/**
 * Match what was accepted without a peer with the connections that were opened, and reset by their peer, and accepted
 * by nobody. Nothing is matched on a port where there are not as many of both: a full queue may have dropped one.
 */
export const matchNameless = (
  records: readonly ApiRecord[],
  segments: readonly SegmentDraft[],
  clock: Clock,
): Matched[] => {
  const accepted = records.flatMap((record) =>
    record.type === 'emit' && record.name === 'connection' ? [record] : [],
  );
  const nameless = accepted.filter(({ local, remote }) => local && !remote);
  if (nameless.length === 0) return [];
  const reported = new Set(accepted.flatMap(({ local, remote }) => (local && remote ? [pairKey(local, remote)] : [])));
  const resets = resetIn(segments).filter(({ local, remote }) => !reported.has(pairKey(local, remote)));
  const byPort = Map.groupBy(nameless, ({ host, local }) => `${host} ${local?.address} ${local?.port}`);
  return [...byPort.values()].flatMap((group) => {
    const waiting = resets.filter(
      ({ host, local }) => host === group[0]?.host && isSameEndpoint(group[0].local, local),
    );
    if (waiting.length !== group.length) return [];
    const matched = waiting.map(({ number, local, remote }, nth) => ({
      process: group[nth]?.process ?? '',
      target: String(group[nth]?.detail?.socket),
      connection: { number },
      local,
      remote,
    }));
    const isInOrder = waiting.every(({ resetAt }, nth) => resetAt <= clock.fromMonotonic(group[nth]?.t ?? 0));
    return isInOrder ? matched : [];
  });
};

type Reset = { host: HostName; number: number; local: Endpoint; remote: Endpoint; resetAt: number };

/** The connections that were established and then reset by who opened them, in the order in which they were established. */
const resetIn = (segments: readonly SegmentDraft[]): Reset[] => {
  const opened = new Map<number, Omit<Reset, 'resetAt'>>();
  const established = establishedIn(segments);
  const since = (number: number) => established.get(number) ?? Number.POSITIVE_INFINITY;
  const resets = new Map<number, Reset>();
  for (const { event } of segments) {
    const { connection: number, from, to, source, destination, flags, receivedAt } = event;
    if (flags === 'S' && !opened.has(number))
      opened.set(number, { host: to, number, local: destination, remote: source });
    const one = opened.get(number);
    if (!one || one.host === from || receivedAt === undefined || !flags.includes('R')) continue;
    if (since(number) <= receivedAt && !resets.has(number)) resets.set(number, { ...one, resetAt: receivedAt });
  }
  return [...resets.values()].sort((a, b) => since(a.number) - since(b.number));
};

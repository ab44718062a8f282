// Whether ss saw all of what one end of a connection went through in a span: it looked on either side of every segment
// that arrived, each change it shows is one that can be made in one go, and the states that the end's own segments
// stand for are among them. A witness that reports every change (a kernel trace) would answer in its place.

import type { HostName } from '../../record/hosts.ts';
import type { TcpState } from '../../record/tcp-state.ts';
import type { Connection, SegmentEvent, StateEvent } from '../../timeline/schema.ts';
import { countAtOrBefore } from '../../timeline/search.ts';
import { disturbances, timerEnd } from './disturbances.ts';
import { first, type Observation, observed, unobserved } from './observation.ts';
import type { RunIndex, Traffic } from './run-index.ts';
import { seconds } from './seconds.ts';

type Span = { from: number; to: number };
type End = { host: HostName; connection: Connection };

/** Whether every state the end was in during the span is known. `changes` are those the span shows. */
export const watched = (
  index: RunIndex,
  end: End,
  span: Span,
  changes: readonly StateEvent[],
): Observation<undefined> => {
  const traffic = index.traffic(end.host, end.connection);
  const needs = [
    () => lookedAround(index, end, span, traffic),
    () => lookedAfterwards(index, end, span),
    () => first(changes, (change) => inOneGo(change, end.host)),
    () => first(whatItSent(index, end, span, traffic), (one) => one),
  ];
  return first(needs, (need) => need());
};

/** Between any two segments that arrived, before the first and after the last, there is a good sample. */
const lookedAround = ({ samples }: RunIndex, { host }: End, { from, to }: Span, { received }: Traffic) => {
  const own = samples[host];
  const isLooked = (after: number, before: number) => {
    const next = own[countAtOrBefore(own, after, beginOf)];
    return next !== undefined && next.end < before;
  };
  const between = (one: SegmentEvent | undefined, other: SegmentEvent | undefined) =>
    one && other
      ? `between ${nameOf(one)} and ${nameOf(other)}`
      : `${one ? 'after' : 'before'} ${nameOf((one ?? other) as SegmentEvent)}`;
  for (const [nth, segment] of received.entries()) {
    const at = arrivalOf(segment);
    if (at < from || at > to) continue;
    const [previous, next] = [received[nth - 1], received[nth + 1]];
    const missed = !isLooked(previous ? arrivalOf(previous) : -1, at)
      ? between(previous, segment)
      : !isLooked(at, next ? arrivalOf(next) : Number.POSITIVE_INFINITY) && between(segment, next);
    if (missed) return unobserved(`ss did not look at the ${host} ${missed}: what it was in meanwhile is not known`);
  }
  return observed(undefined);
};

/** What came last in the span was looked at before anything else came, and no timer of the socket has run out since, unseen. */
const lookedAfterwards = (index: RunIndex, end: End, { from, to }: Span) => {
  const { host, connection } = end;
  const until = Math.min(to, index.end);
  const own = index.samples[host];
  const subject = { ...end, stateAlone: true };
  const last = latest(disturbances(index, subject, from, until));
  const look = last && own[countAtOrBefore(own, last.at, beginOf)];
  if (last && !(look && disturbances(index, subject, last.at, look.end).length === 0))
    return unobserved(`ss did not look at the ${host} after ${last.what} at ${seconds(last.at)}`);
  const [before, after] = [own.findLast((sample) => sample.end <= until), own.find(({ begin }) => begin >= until)];
  if (!before || (after && disturbances(index, subject, until, after.end).length === 0)) return observed(undefined);
  const over = before.rows
    .filter(index.isRowOf(connection, host))
    .map((row) => timerEnd(row, before.begin))
    .find((one) => one !== undefined && one.at < until);
  return over
    ? unobserved(`ss did not look at the ${host} after ${over.what} at ${seconds(over.at)}`)
    : observed(undefined);
};

const beginOf = ({ begin }: { begin: number }) => begin;

const latest = <T extends { at: number }>(list: readonly T[]): T | undefined =>
  list.reduce<T | undefined>((last, one) => (last && last.at >= one.at ? last : one), undefined);

const inOneGo = ({ from, to, at, unseen }: StateEvent, host: HostName) =>
  unseen
    ? unobserved(`the ${host} went from ${from} to ${to} unseen: states may have lain between, at ${seconds(at)}`)
    : observed(undefined);

/** With a SYN cookie there is no SYN-RECEIVED: the timeline says of such a change that nothing was unseen. */
const isByCookie = ({ from, to, unseen }: StateEvent) => from === 'CLOSED' && to === 'ESTABLISHED' && !unseen;

/**
 * A SYN is sent in SYN-SENT, a SYN-ACK in SYN-RECEIVED, a FIN in FIN-WAIT-1, CLOSING or LAST-ACK, and one that is
 * acknowledged was received.
 */
const whatItSent = (index: RunIndex, { host, connection }: End, { from, to }: Span, { sent, received }: Traffic) => {
  const changes = index.states(host, connection.number);
  const seen = new Set(changes.map((change) => change.to));
  const own = sent.filter((one) => one.connection === connection.number && !one.flags.includes('R'));
  const asked = own.filter(({ sentAt = -1 }) => sentAt >= from && sentAt <= to);
  const fin = received.find((one) => one.connection === connection.number && one.flags.includes('F'));
  const demand = (isIt: (segment: SegmentEvent) => boolean, states: TcpState[]) => {
    const shows = asked.find(isIt);
    return !shows || states.some((state) => seen.has(state))
      ? observed(undefined)
      : unobserved(`the ${host} was in ${states.join(' or ')} when it sent ${shows.text}, and ss did not see it`);
  };
  return [
    demand(({ flags }) => flags.includes('S') && !flags.includes('.'), ['SYN-SENT']),
    demand(({ flags }) => flags.includes('S') && flags.includes('.') && !changes.some(isByCookie), ['SYN-RECEIVED']),
    demand(({ flags }) => flags.includes('F'), ['FIN-WAIT-1', 'CLOSING', 'LAST-ACK']),
    demand(
      ({ ack }) => fin !== undefined && ack > fin.seq + fin.length,
      ['CLOSE-WAIT', 'CLOSING', 'TIME-WAIT', 'CLOSED'],
    ),
  ];
};

const arrivalOf = ({ receivedAt }: SegmentEvent) => receivedAt ?? Number.NaN;
const nameOf = (segment: SegmentEvent) => `${segment.text} (arrived at ${seconds(arrivalOf(segment))})`;

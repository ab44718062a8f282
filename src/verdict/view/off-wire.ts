// Sockets of which no segment on the wire tells: listeners, those that never sent anything, and those of a host that
// talks to itself over its loopback device, which no one captures. Of these ss shows what it looked at, `ss -E` that
// one was destroyed which ss never showed, and a process that is driven tells of its calls.

import { beforePort, type Endpoint } from '../../record/endpoint.ts';
import type { HostName } from '../../record/hosts.ts';
import { isSocketCall } from '../../record/part-records.ts';
import type { DestroyedSocket } from '../../record/samples.ts';
import type { CallEvent, StateEvent } from '../../timeline/schema.ts';
import type { Ends } from './filters.ts';
import { callsOnItself, isItself, talksOf } from './loopback.ts';
import { type Observation, observed, unobserved } from './observation.ts';
import type { Part } from './part.ts';
import type { RunIndex } from './run-index.ts';
import { seconds } from './seconds.ts';

type Fits = (ends: Ends) => boolean;
type Span = { from: number; to: number };

/** Whether ss saw everything that became of such sockets in the part, those of some ports. */
export const offWireSeen = (part: Part, host: HostName, fits: Fits): Observation<undefined> => {
  // Whoever asks for them answers for the witnesses of changes of state, `ss -E` among them.
  part.ofKind('state', host);
  const reason =
    destroyedUnseen(part, host, fits) ??
    changedUnseen(part, host, fits) ??
    calledUnseen(part, host, fits) ??
    ranUnseen(part, host);
  return reason === undefined ? observed(undefined) : unobserved(reason);
};

/** Whether the segments and connections of these hosts are all in the captures: those of a host with itself are not. */
export const allCaptured = ({ index, from, to }: Part, hosts: readonly HostName[]): Observation<undefined> => {
  const host = hosts.find((one) => talksOf(index, one).some((talk) => overlaps({ from, to }, talk.from, talk.to)));
  return host === undefined
    ? observed(undefined)
    : unobserved(
        `the ${host} talked to itself: connections of a host with itself are not captured (to ask about one on the wire, take its own segments)`,
      );
};

/** The kernel destroyed a socket that no sample shows: it came and went between two of them. */
const destroyedUnseen = ({ index, timeline, from, to }: Part, host: HostName, fits: Fits): string | undefined => {
  const isOnWire = (port: number) => timeline.connections.some((one) => one[host]?.port === port);
  const isOther = (one: DestroyedSocket) =>
    one.connection !== undefined ||
    one.at < from ||
    index.samples[host].some(({ begin, end }) => begin >= to && end <= one.at) ||
    // One that failed to connect over the wire, or was reset, keeps no more than the peer's address; its segments tell the rest.
    (one.peer.port === 0 && !isItself(host, one) && isOnWire(one.local.port)) ||
    isOnlyBound(index, host, one);
  const unseen = index.unshown[host].find((one) => !isOther(one) && endsOf(host, one).some(fits));
  return (
    unseen &&
    `the kernel destroyed a socket of the ${host} that ss never showed, ${endpointWords(unseen.local)} (by ${seconds(unseen.at)})`
  );
};

/**
 * A SYN over loopback leaves at its listener an entry in SYN-RECEIVED, whose end nobody tells: its ends are those of
 * the socket that sent it.
 */
const endsOf = (host: HostName, { local, peer }: Ends): Ends[] => [
  { local, peer },
  ...(isItself(host, { local, peer }) ? [{ local: peer, peer: local }] : []),
];

/** A driven process bound it and did nothing more: by its calls, all of which are recorded. */
const isOnlyBound = (index: RunIndex, host: HostName, { local, peer }: Ends) => {
  const own = index.calls[host].filter((call) => isSocketCall(call) && call.local?.port === local.port);
  return peer.port === 0 && own.length > 0 && !own.some(({ api }) => opening.has(api));
};

/** What ss shows on either side of a change need not be all there was, where no segment tells. */
const changedUnseen = ({ index, from, to }: Part, host: HostName, fits: Fits): string | undefined => {
  const hides = (change: StateEvent) =>
    change.unseen || (isItself(host, change) && change.from !== 'TIME-WAIT' && change.to !== 'SYN-SENT');
  const unseen = index.offWire[host].find(
    (change) => overlaps({ from, to }, ...change.between) && hides(change) && endsOf(host, change).some(fits),
  );
  if (!unseen) return undefined;
  const { local, from: before, to: after, at } = unseen;
  return `the socket ${endpointWords(local)} of the ${host} went from ${before} to ${after}, at ${seconds(at)}, and what lay between nobody saw: its segments are not captured`;
};

/** What a driven process did that ss did not look at, or that takes no time over loopback. */
const calledUnseen = (part: Part, host: HostName, fits: Fits): string | undefined => {
  const { index, from, to } = part;
  const last = part.samples(host).at(-1)?.begin ?? Number.NEGATIVE_INFINITY;
  const isIn = ({ at, returned }: CallEvent) => overlaps({ from, to }, at, returned?.at ?? Number.POSITIVE_INFINITY);
  const mayFit = ({ local }: CallEvent, peer: Endpoint) =>
    local === undefined || endsOf(host, { local, peer }).some(fits);
  const connect = callsOnItself(index, host).find(({ call, peer }) => isIn(call) && mayFit(call, peer))?.call;
  if (connect)
    return `connect() was called in ${connect.process}, at ${seconds(connect.at)}, to the ${host} itself: what came of it at once nobody saw`;
  const listen = index.calls[host].find(
    (call) =>
      isSocketCall(call) &&
      listening.has(call.api) &&
      isIn(call) &&
      (call.returned?.at ?? call.at) > last &&
      mayFit(call, noPeer),
  );
  return (
    listen &&
    `ss did not look at the ${host} after ${listen.api}() was called in ${listen.process}, at ${seconds(listen.at)}`
  );
};

const ranUnseen = (part: Part, host: HostName): string | undefined => {
  const program = part.index.programIn(part, { host });
  return (
    program &&
    `${program.process} ran on the ${host} and its calls were not recorded: between two samples of ss a socket may have come and gone`
  );
};

const overlaps = (span: Span, from: number, to: number) => from <= span.to && to >= span.from;
const listening = new Set(['listen', 'listenOn']);
const opening = new Set([...listening, 'connect']);
const noPeer: Endpoint = { address: '0.0.0.0', port: 0 };

const endpointWords = ({ address, port }: Endpoint) => `${beforePort(address)}${port === 0 ? '' : `:${port}`}`;

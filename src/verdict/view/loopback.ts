// What a host said to itself, over its loopback device: it crosses no wire and is in no capture. Its sockets stand in
// ss, the ends of those that ss missed in `ss -E`, and the connect() of a driven process in the record.

import { type Endpoint, plainAddress } from '../../record/endpoint.ts';
import { numberIn, textIn } from '../../record/fields.ts';
import { addressOf, type HostName } from '../../record/hosts.ts';
import type { CallEvent, StateEvent } from '../../timeline/schema.ts';
import type { Ends } from './filters.ts';
import type { RunIndex } from './run-index.ts';

/** A socket that a host may have sent itself segments on, and when (ns since the start of the run). */
export type Talk = Ends & { from: number; to: number };

export const talksOf = (index: RunIndex, host: HostName): Talk[] => [
  ...shown(index, host),
  ...missed(index, host),
  ...called(index, host),
];

/** Whether the peer of a socket is the socket's own host. The kernel takes a host's own addresses to its loopback device, too. */
export const isItself = (host: HostName, { local, peer }: Ends): boolean => {
  const address = plainAddress(peer.address);
  const { ip, ip6 } = addressOf[host];
  return (
    address === ip ||
    address === ip6 ||
    address === '::1' ||
    address.startsWith('127.') ||
    (address === plainAddress(local.address) && !nobody.has(address))
  );
};

/** The connect() calls of driven processes to their own host, with the address each was given. */
export const callsOnItself = ({ calls }: RunIndex, host: HostName): { call: CallEvent; peer: Endpoint }[] =>
  calls[host].flatMap((call) => {
    const peer = call.api === 'connect' ? (call.remote ?? givenTo(call)) : undefined;
    const local = call.local ?? unknownEnd;
    return peer && (isItself(host, { local, peer }) || own.has(plainAddress(peer.address))) ? [{ call, peer }] : [];
  });

/** What else connect(2) takes for the own host: INADDR_ANY (tcp_v4_connect(), net/ipv4/tcp_ipv4.c), and a name. */
const own = new Set(['0.0.0.0', '::', 'localhost']);

/** How ss and its reports write that a socket has no peer, or any address. */
const nobody = new Set(['0.0.0.0', '::', '*']);

const givenTo = ({ via, args: [first, second, third] }: CallEvent): Endpoint | undefined => {
  if (via === 'raw') return { port: Number(second), address: String(third) };
  return { address: textIn(first, 'host') ?? 'localhost', port: numberIn(first, 'port') ?? 0 };
};

/** Until ss looks again: what is there then it shows. */
const called = (index: RunIndex, host: HostName): Talk[] =>
  callsOnItself(index, host).map(({ call: { at, returned, local = unknownEnd }, peer }) => ({
    local,
    peer,
    from: at,
    to: (returned && index.samples[host].find(({ begin }) => begin >= returned.at)?.end) ?? Number.POSITIVE_INFINITY,
  }));

const unknownEnd: Endpoint = { address: '', port: 0 };

/**
 * From the sample before the first that shows it to the one that shows it in TIME-WAIT, where it sends no more of its
 * own, or gone.
 */
const shown = ({ offWire }: RunIndex, host: HostName): Talk[] => {
  const ofItself = offWire[host].filter((change) => isItself(host, change));
  return [...Map.groupBy(ofItself, ({ socket }) => socket).values()].flatMap((changes) => {
    const [first] = changes;
    if (!first) return [];
    const { local, peer, between } = first;
    const last = changes.find(({ to }: StateEvent) => to === 'TIME-WAIT' || to === 'CLOSED');
    return [{ local, peer, from: between[0], to: last?.between[1] ?? Number.POSITIVE_INFINITY }];
  });
};

/**
 * One that ss never showed may have lain there closed for long before it was destroyed: when it was open only a driven
 * process tells.
 */
const missed = (index: RunIndex, host: HostName): Talk[] => {
  const known = new Set(callsOnItself(index, host).map(({ call }) => call.local?.port));
  const begin = Math.min(...index.programs.filter((life) => life.host === host).map(({ from }) => from));
  return index.unshown[host]
    .filter((report) => isItself(host, report))
    .map(({ local, peer, at }) => ({
      local,
      peer,
      from: known.has(local.port) || !Number.isFinite(begin) ? lastLook(index, host, at) : begin,
      to: at,
    }));
};

const lastLook = ({ samples }: RunIndex, host: HostName, at: number): number =>
  samples[host].findLast(({ end }) => end <= at)?.begin ?? 0;

// A connection was refused: nobody listens on the port, or only on another address.
import type { Sample } from '../record/samples.ts';
import type { SegmentEvent } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import { arrivalOf, type End, type Facts } from './facts.ts';
import { attemptsOffTheWire, isOwn } from './off-the-wire.ts';
import { whatPeerWasTold } from './resets.ts';
import { placeOf } from './words.ts';

export const refused: Kind = {
  name: 'refused',
  title: 'A connection was refused',
  remedy:
    'Start the server before its clients, on the port they ask for, and have it listen on the address they come by: 0.0.0.0 or [::] for all, not 127.0.0.1 or localhost.',
  node: "server.listen(port) without a host listens on all addresses; listen(port, 'localhost') on the loopback alone. In a container a server must listen on all.",
  source: 'RFC 9293, section 3.10.7.1; listen(2)',
  find: (facts) => {
    const all = [...facts.ends.flatMap((end) => refusalOf(facts, end)), ...offTheWire(facts)];
    return [...Map.groupBy(all, ({ key }) => key).values()].map(([first, ...more]) => ({
      sentence: `${first?.sentence}${more.length > 0 ? ` So ${more.length === 1 ? 'was 1 more attempt' : `were ${more.length} more`}.` : ''}`,
      evidence: [...(first?.evidence ?? []), ...more.flatMap(({ evidence }) => evidence.slice(0, 2))],
    }));
  },
};

type Refusal = Found & { key: string };

const refusalOf = (facts: Facts, end: End): Refusal[] => {
  const { host, peer, connection } = end;
  if (connection.opener !== peer) return [];
  const syn = facts.received(end).find(({ flags, origin }) => flags === 'S' && origin === 'host');
  const reset = facts.sent(end).find(({ flags, absolute }) => flags === 'R.' && absolute.seq === 0);
  if (!syn || !reset) return [];
  const { address, port } = connection[host];
  const around = samplesAround(facts, end, syn);
  if (!around) return [];
  const elsewhere = listening(facts, end, arrivalOf(syn)) ?? listenersIn(facts, end, around);
  const told = errorOf(facts, end, reset);
  const got = told ? `; its connect() got ${told.errno}` : '';
  const opening = `The ${peer} was refused at ${placeOf(address, port)}`;
  const seen = [syn.id, reset.id, told?.id];
  if (elsewhere.length === 0)
    return [
      {
        key: `${host} ${port} nobody`,
        sentence: `${opening}: nobody on the ${host} listened on port ${port}${later(facts, end, syn)}${got}.`,
        evidence: [...seen, around.before.id, around.after.id],
      },
    ];
  const others = [...new Set(elsewhere)].filter((one) => one !== address);
  if (others.length === 0 || others.some((one) => one === '0.0.0.0' || one === '*' || one === '::')) return [];
  const holder = (facts.timeline.descriptors ?? []).find(
    ({ host: at, local, remote }) => at === host && !remote && local?.port === port && others.includes(local.address),
  );
  const who = holder ? `, that of ${holder.process} (pid ${holder.pid}),` : '';
  return [
    {
      key: `${host} ${port} elsewhere`,
      sentence: `${opening}: a listener${who} is there on port ${port} of the ${host}, but on ${others.join(' and ')} alone${got}.`,
      evidence: [...seen, around.before.id],
    },
  ];
};

/** The addresses at which processes listened then; undefined where nobody knows of all. */
const listening = (facts: Facts, { host, connection }: End, at: number): string[] | undefined => {
  const traced = facts.timeline.descriptors?.filter((one) => one.host === host && !one.remote && one.local);
  if (!traced?.some(({ local }) => local?.port === connection[host].port)) return undefined;
  return traced
    .filter(({ local, from, until }) => local?.port === connection[host].port && from <= at && (until ?? Infinity) > at)
    .flatMap(({ local }) => local?.address ?? []);
};

/** The same by the samples before and after. */
const listenersIn = (facts: Facts, { host, connection }: End, around: { before: Sample; after: Sample }): string[] =>
  facts
    .listeners(host, connection[host].port)
    .filter(({ sample }) => sample.begin >= around.before.begin && sample.begin <= around.after.begin)
    .map(({ row }) => row.local.address);

/** The samples of the host on either side of the SYN: what is in neither was not there. */
const samplesAround = (facts: Facts, { host }: End, { at }: SegmentEvent) => {
  const all = facts.samples(host);
  const before = all.findLast(({ end }) => end <= at);
  const after = all.find(({ begin }) => begin >= at);
  return before && after && { before, after };
};

/** Refused by the host itself, over its loopback: no segment crosses the wire, and the call tells. */
const offTheWire = (facts: Facts): Refusal[] =>
  attemptsOffTheWire(facts).flatMap(({ connect, remote, later: calls }): Refusal[] => {
    const { host, process } = connect;
    const answer = calls.find(({ api, args }) => api === 'getsockopt' && args.includes('SO_ERROR')) ?? connect;
    const isRefused = answer.returned?.errno === 'ECONNREFUSED' || answer.returned?.value === 'ECONNREFUSED';
    if (!isRefused || !isOwn(host, remote.address)) return [];
    return [
      {
        key: `${host} ${remote.port} itself`,
        sentence: `${process} was refused at ${placeOf(remote.address, remote.port)}, by its own host: nobody on the ${host} listened there, and no listener of another host was led to.`,
        evidence: [connect.id, answer.id],
      },
    ];
  });

const later = (facts: Facts, { host, connection }: End, { at }: SegmentEvent): string => {
  const next = facts.listeners(host, connection[host].port).find(({ sample }) => sample.begin > at);
  return next ? ' yet; a listener came later' : '';
};

const errorOf = (facts: Facts, end: End, reset: SegmentEvent): { id: string; errno: string } | undefined => {
  const other: End = { host: end.peer, peer: end.host, connection: end.connection };
  for (const { id, api, returned } of facts.calls(other)) {
    if (returned?.errno === 'ECONNREFUSED' || (api === 'getsockopt' && returned?.value === 'ECONNREFUSED'))
      return { id, errno: 'ECONNREFUSED' };
  }
  return whatPeerWasTold(facts, end, reset);
};

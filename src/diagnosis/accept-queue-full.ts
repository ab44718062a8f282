// Connections wait to be accepted, and there is no room for more: the kernel drops the SYNs of others.
import { type HostName, hostNames } from '../record/hosts.ts';
import type { CounterEvent, SegmentEvent } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import { arrivalOf, type Facts, type Sighting } from './facts.ts';
import { holderWords } from './holding.ts';
import { count } from './words.ts';

export const acceptQueueFull: Kind = {
  name: 'accept-queue-full',
  title: 'The accept queue is full',
  remedy:
    'Accept as fast as connections come: what blocks the thread or the event loop that accepts is the fault. A larger backlog (listen(2), at most net.core.somaxconn) only lets more of them wait.',
  node: 'Node accepts by itself whenever its event loop turns: look for what blocks it (synchronous work, JSON of megabytes). The backlog is an option of server.listen().',
  source: 'listen(2); tcp_conn_request() in net/ipv4/tcp_input.c',
  find: (facts) => hostNames.flatMap((host) => fullAt(facts, host)),
};

const fullAt = (facts: Facts, host: HostName): Found[] => {
  const overflows = facts.timeline.events.filter(
    (event): event is CounterEvent =>
      event.kind === 'counter' && event.host === host && event.name === 'TcpExt.ListenOverflows',
  );
  if (overflows.length === 0) return [];
  const full = fullListeners(facts, host);
  const counted = (port: number) =>
    droppedSyns(facts, host, port).filter((syn) => overflows.some((one) => isWithin(arrivalOf(syn), one)));
  // Where no look fell into that time, the counter tells, if there is but one port that it can be of.
  const ports = full.size > 0 ? [...full.keys()] : listenersOf(facts, host).filter((port) => counted(port).length > 0);
  if (full.size === 0 && ports.length > 1) return [];
  return ports.flatMap((port): Found[] => {
    if (counted(port).length === 0) return [];
    const seen = full.get(port)?.[0];
    const dropped = droppedSyns(facts, host, port);
    const isOf = (one: { host: HostName; local?: { port: number } }) => one.host === host && one.local?.port === port;
    const accepted = facts.allCalls.filter((call) => isOf(call) && call.api === 'accept' && !call.returned?.errno);
    const [holder] = (facts.timeline.descriptors ?? []).filter((one) => isOf(one) && !one.remote);
    const who = holder && holderWords([holder]);
    const does = accepted.length === 0 ? 'never called accept()' : `has accepted ${accepted.length}`;
    const connections = new Set(dropped.map(({ connection }) => connection));
    const state = seen
      ? `is full (${count(seen.row.recvQ, 'connection')} wait, backlog ${seen.row.sendQ}), and its kernel drops what comes for it`
      : 'was full when its kernel dropped what came for it (ListenOverflows)';
    return [
      {
        sentence: `The accept queue of port ${port} on the ${host} ${state}: the SYNs of ${count(connections.size, 'connection')} (${[...connections].map((one) => `#${one}`).join(', ')}) had no answer${later(facts, host, connections)}${who ? `; ${who} ${does}` : ''}.`,
        evidence: [
          ...overflows.filter((one) => dropped.some((syn) => isWithin(arrivalOf(syn), one))).map(({ id }) => id),
          seen?.sample.id,
          ...dropped.map(({ id }) => id),
          ...accepted.map(({ id }) => id),
        ],
      },
    ];
  });
};

/** Whose SYN was answered when it came again. */
const later = (facts: Facts, host: HostName, connections: ReadonlySet<number>): string => {
  const through = facts.ends.filter(
    (end) => end.host === host && connections.has(end.connection.number) && facts.sent(end).length > 0,
  );
  const names = through.map(({ connection }) => `#${connection.number}`);
  return names.length === 0 ? '' : ` when they came (${names.join(', ')} got one later, to a SYN that was sent again)`;
};

/** The ports on which ss ever showed a listener of a host. */
const listenersOf = (facts: Facts, host: HostName): number[] => [
  ...new Set(
    facts
      .samples(host)
      .flatMap(({ rows }) => rows.filter(({ state }) => state === 'LISTEN').map(({ local }) => local.port)),
  ),
];

/** Of each listener that ss showed to be full, the samples: more wait than its backlog (Recv-Q above Send-Q, ss(8)). */
const fullListeners = (facts: Facts, host: HostName): Map<number, Sighting[]> => {
  const full = facts
    .samples(host)
    .flatMap((sample) =>
      sample.rows
        .filter(({ state, recvQ, sendQ }) => state === 'LISTEN' && recvQ > sendQ)
        .map((row): Sighting => ({ sample, row })),
    );
  return Map.groupBy(full, ({ row }) => row.local.port);
};

const isWithin = (at: number, { between: [from, to] }: CounterEvent): boolean => from <= at && at <= to;

/** SYNs for a port that reached the host, and that it had not answered when the next one came, or ever. */
const droppedSyns = (facts: Facts, host: HostName, port: number): SegmentEvent[] =>
  facts.ends
    .filter((end) => end.host === host && end.connection.opener === end.peer && end.connection[host].port === port)
    .flatMap((end) => {
      const syns = facts.received(end).filter(({ flags }) => flags === 'S');
      return syns.filter((syn, nth) => {
        const next = syns[nth + 1];
        return !facts.sent(end).some(({ at }) => at > arrivalOf(syn) && at < (next ? arrivalOf(next) : Infinity));
      });
    });

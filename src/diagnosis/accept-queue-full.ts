// Connections wait to be accepted, and there is no room for more: the kernel drops the SYNs of others.
import { hostNames } from '../record/hosts.ts';
import type { CounterEvent, SegmentEvent } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import { arrivalOf, type Facts, type Sighting } from './facts.ts';
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

const fullAt = (facts: Facts, host: (typeof hostNames)[number]): Found[] => {
  const overflows = facts.timeline.events.filter(
    (event): event is CounterEvent =>
      event.kind === 'counter' && event.host === host && event.name === 'TcpExt.ListenOverflows',
  );
  if (overflows.length === 0) return [];
  const full = fullListeners(facts, host);
  return [...full.values()].flatMap((seen): Found[] => {
    const [first] = seen;
    if (!first) return [];
    const { local, recvQ, sendQ } = first.row;
    const dropped = droppedSyns(facts, host, local.port);
    if (!dropped.some((syn) => overflows.some((one) => isWithin(arrivalOf(syn), one)))) return [];
    const accepted = facts.allCalls.filter(
      (call) => call.host === host && call.api === 'accept' && call.local?.port === local.port && !call.returned?.errno,
    );
    const holders = (facts.timeline.descriptors ?? []).filter(
      (one) => one.host === host && !one.remote && one.local?.port === local.port,
    );
    const [holder] = holders;
    const who = holder ? `${holder.process} (pid ${holder.pid}, descriptor ${holder.fd})` : 'its program';
    const does =
      holder === undefined
        ? ''
        : accepted.length === 0
          ? `; ${who} never called accept()`
          : `; ${who} has accepted ${accepted.length}`;
    const connections = new Set(dropped.map(({ connection }) => connection));
    return [
      {
        sentence: `The accept queue of port ${local.port} on the ${host} is full (${count(recvQ, 'connection')} wait, backlog ${sendQ}), and its kernel drops what comes for it: the SYNs of ${count(connections.size, 'connection')} (${[...connections].map((one) => `#${one}`).join(', ')}) had no answer${does}.`,
        evidence: [
          ...overflows.filter((one) => dropped.some((syn) => isWithin(arrivalOf(syn), one))).map(({ id }) => id),
          first.sample.id,
          ...dropped.map(({ id }) => id),
          ...accepted.map(({ id }) => id),
        ],
      },
    ];
  });
};

/** Of each listener that ss showed to be full, the samples: more wait than its backlog (Recv-Q above Send-Q, ss(8)). */
const fullListeners = (facts: Facts, host: (typeof hostNames)[number]): Map<number, Sighting[]> => {
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

/** SYNs for a port that reached the host, and of whose connections it never sent anything. */
const droppedSyns = (facts: Facts, host: (typeof hostNames)[number], port: number): SegmentEvent[] =>
  facts.ends
    .filter((end) => end.host === host && end.connection.opener === end.peer && end.connection[host].port === port)
    .filter((end) => facts.sent(end).length === 0)
    .flatMap((end) => facts.received(end).filter(({ flags }) => flags === 'S'));

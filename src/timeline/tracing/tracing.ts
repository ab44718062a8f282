// The programs that strace watched: their calls as records, and which of their processes had which socket.
import type { ApiRecord } from '../../record/api-records.ts';
import { type Endpoint, isSameEndpoint, isUnspecified } from '../../record/endpoint.ts';
import type { Gap } from '../../record/gap.ts';
import { farHost, type HostName, hostNames } from '../../record/hosts.ts';
import type { ConnectionIndex } from '../connection-index.ts';
import type { Clock } from '../reading/clock.ts';
import type { Connection, Descriptor } from '../schema.ts';
import type { Held } from './descriptor-tables.ts';
import { followProgram } from './follow-program.ts';
import { reportGaps } from './own-reports.ts';
import { readTraces } from './read-traces.ts';
import type { Instant } from './strace-lines.ts';

export type HeldOnHost = Held & { host: HostName };

export type Traced = { programs: number; records: ApiRecord[]; held: HeldOnHost[]; gaps: Gap[] };

/**
 * Follow every program that was traced. `timeOf` gives CLOCK_MONOTONIC (ns) for a moment of CLOCK_REALTIME; times of
 * gaps are of CLOCK_MONOTONIC as well.
 */
export const followTraced = (
  files: Partial<Record<HostName, string>>,
  api: readonly ApiRecord[],
  timeOf: (at: Instant) => number,
): Traced => {
  const { programs, gaps } = readTraces(files);
  const all: Traced = { programs: programs.length, records: [], held: [], gaps };
  const driven = new Set(
    api.flatMap((one) => (one.type === 'process' && one.driven ? [`${one.host} ${one.process}`] : [])),
  );
  for (const program of programs) {
    const { host, process } = program;
    const { records, held, unreadable } = followProgram(program, timeOf);
    if (driven.has(`${host} ${process}`)) gaps.push(...reportGaps(program, api, records));
    else {
      all.records.push(...records);
      all.held.push(...held.map((one) => ({ ...one, host })));
    }
    if (unreadable.length > 0) {
      const first = JSON.stringify(unreadable[0]?.slice(0, 80));
      const reason = `${unreadable.length} lines of strace on ${process} cannot be read, the first is ${first}`;
      gaps.push({ witness: 'strace', host, reason });
    }
  }
  const begun = new Set(programs.map(({ host, process }) => `${host} ${process}`));
  for (const record of api)
    if (
      record.type === 'process' &&
      record.edge === 'start' &&
      record.traced &&
      !begun.has(`${record.host} ${record.process}`)
    )
      gaps.push({ witness: 'strace', host: record.host, reason: `what strace wrote of ${record.process} is missing` });
  return all;
};

/** With the connection each socket is of, on the timeline's clock. */
export const descriptorsOf = (
  held: readonly HeldOnHost[],
  { connections, index, clock }: { connections: readonly Connection[]; index: ConnectionIndex; clock: Clock },
): Descriptor[] =>
  held
    .map(({ from, until, ...fields }): Descriptor => {
      const { local, remote } = fields;
      const at = clock.fromMonotonic(until ?? from);
      const connection =
        local &&
        remote &&
        (isUnspecified(local) ? ofPort(local, remote, at, connections) : index.find(local, remote, at));
      return {
        ...fields,
        ...(connection && { connection: connection.number }),
        from: clock.fromMonotonic(from),
        ...(until !== undefined && { until: clock.fromMonotonic(until) }),
      };
    })
    .sort((a, b) => a.from - b.from);

/** The last connection from a port, whatever the address: that of a socket that was bound to none. */
const ofPort = (local: Endpoint, remote: Endpoint, at: number, connections: readonly Connection[]) =>
  connections.findLast(
    (one) =>
      one.begin <= at &&
      hostNames.some((host) => one[host]?.port === local.port && isSameEndpoint(one[farHost(one, host)], remote)),
  );

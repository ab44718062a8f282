// The programs that strace watched: their calls as records, and which of their processes had which socket.
import type { ApiRecord } from '../../record/api-records.ts';
import { isUnspecified } from '../../record/endpoint.ts';
import type { Gap } from '../../record/gap.ts';
import type { HostName } from '../../record/hosts.ts';
import type { ConnectionIndex } from '../connection-index.ts';
import type { Clock } from '../reading/clock.ts';
import type { CallEvent, Descriptor } from '../schema.ts';
import type { Held } from './descriptor-tables.ts';
import { followProgram, type TracedEnd } from './follow-program.ts';
import { reportGaps } from './own-reports.ts';
import { readTraces } from './read-traces.ts';
import type { Instant } from './strace-lines.ts';

export type HeldOnHost = Held & { host: HostName };

export type Traced = {
  programs: number;
  records: ApiRecord[];
  held: HeldOnHost[];
  ends: (TracedEnd & { host: HostName })[];
  gaps: Gap[];
};

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
  const all: Traced = { programs: programs.length, records: [], held: [], ends: [], gaps };
  const driven = new Set(
    api.flatMap((one) => (one.type === 'process' && one.driven ? [`${one.host} ${one.process}`] : [])),
  );
  for (const program of programs) {
    const { host, process } = program;
    const { records, held, ends, unreadable } = followProgram(program, timeOf);
    all.ends.push(...ends.map((one) => ({ ...one, host })));
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

/** With the connection each socket is of, on the timeline's clock. `calls` are those of the whole run. */
export const descriptorsOf = (
  held: readonly HeldOnHost[],
  { index, clock, calls }: { index: ConnectionIndex; clock: Clock; calls: readonly CallEvent[] },
): Descriptor[] =>
  held
    .map(({ from, until, ...fields }): Descriptor => {
      const { local, remote } = fields;
      const at = { from: clock.fromMonotonic(from), ...(until !== undefined && { until: clock.fromMonotonic(until) }) };
      const connection =
        local && remote && !isUnspecified(local)
          ? index.find(local, remote, at.until ?? at.from)?.number
          : connectedBy({ ...fields, ...at }, calls);
      return { ...fields, ...(connection !== undefined && { connection }), ...at };
    })
    .sort((a, b) => a.from - b.from);

/**
 * Where strace does not show it, for no call followed, or the socket was bound to no address: the connection its
 * connect(2) made.
 */
const connectedBy = (
  { host, process, fd, from, until = Number.POSITIVE_INFINITY }: Omit<Descriptor, 'connection'>,
  calls: readonly CallEvent[],
): number | undefined => {
  const isIts = (call: CallEvent) =>
    call.via === 'strace' && call.api === 'connect' && call.host === host && call.process === process;
  return calls.find((call) => isIts(call) && call.args[0] === fd && call.at >= from && call.at <= until)?.connection;
};

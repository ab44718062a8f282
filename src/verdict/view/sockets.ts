// What is asked of the sockets of a host, and what each question needs to be answered.

import { type HostName, hostsIn } from '../../record/hosts.ts';
import type { Sample, SocketRow } from '../../record/samples.ts';
import type { TcpState } from '../../record/tcp-state.ts';
import { endsAt } from '../../timeline/connection-index.ts';
import type { Connection, StateEvent, Timeline } from '../../timeline/schema.ts';
import { disturbances, type Subject, timerEnd } from './disturbances.ts';
import { heldByDriven } from './doings.ts';
import { fitsEnds, fitsRow, type IdentifiedRow, type RowFilter, type SampledRow } from './filters.ts';
import { filterKnown } from './names.ts';
import { first, type Observation, observed, unobserved } from './observation.ts';
import { offWireSeen } from './off-wire.ts';
import type { Part } from './part.ts';
import { seconds } from './seconds.ts';
import { watched } from './watched.ts';

/** Which changes did this end go through? It needs to have been watched all the time. */
export const statesOf = (part: Part, connection: Connection, host: HostName): Observation<StateEvent[]> => {
  const changes = part.states(host, connection.number);
  const isWatched = watched(part.index, { host, connection }, part, changes);
  return isWatched.observed ? observed(changes) : isWatched;
};

/** Which changes did the host's sockets go through, those of connections and listeners? */
export const hostStates = (
  part: Part,
  host: HostName,
  filter: { localPort?: number; to?: TcpState },
): Observation<StateEvent[]> => {
  const { localPort, to } = filter;
  const isMeant = (connection: Connection) => localPort === undefined || connection[host].port === localPort;
  const isPort = fitsEnds({ localPort });
  const needs = [
    () => filterKnown('state', filter, part.timeline),
    () => allWatched(part, host, isMeant),
    () => offWireSeen(part, host, isPort),
  ];
  const seen = first(needs, (ask) => ask());
  if (!seen.observed) return seen;
  const changes = part.ofKind('state', host);
  return observed(changes.filter((one) => (to === undefined || one.to === to) && isPort(one)));
};

/**
 * Every row of the host, or of one end, that fits, in the samples of the span: all of them, so that none is an answer
 * too. Of rows told by more than their ports (a state, a condition) those that were seen are an answer by themselves,
 * however seldom ss looked.
 */
export const rowsOf = (
  part: Part,
  host: HostName,
  filter: RowFilter,
  connection?: Connection,
): Observation<SampledRow[]> => {
  const fitsPorts = fitsEnds(filter);
  const isMeant = (one: Connection) => {
    const [local, peer] = endsAt(one, host);
    return connection ? one.number === connection.number : fitsPorts({ local, peer });
  };
  const samples = part.samples(host);
  if (samples.length === 0) return notSampled(host);
  const fits = fitsRow(filter);
  const found = samples.flatMap(({ id, end, rows }) => rows.filter(fits).map((row) => ({ id, at: end, row })));
  const isDescribed = !connection && (typeof filter === 'function' || filter.state !== undefined);
  if (isDescribed && found.length > 0) return observed(found);
  const needs = [
    () => rowFilterKnown(filter, part.timeline),
    () => allWatched(part, host, isMeant),
    ...(connection ? [] : [() => offWireSeen(part, host, fitsPorts)]),
  ];
  const seen = first(needs, (ask) => ask());
  return seen.observed ? observed(found) : seen;
};

/**
 * Which sockets that fit were there at the end of the span? It needs a sample with nothing after it that could have
 * changed them.
 */
export const lastRows = (
  part: Part,
  host: HostName,
  filter: RowFilter,
  { connection, stateAlone }: Omit<Subject, 'host'> = {},
): Observation<{ id: string; at: number; rows: IdentifiedRow[] }> => {
  const named = rowFilterKnown(filter, part.timeline);
  if (!named.observed) return named;
  const last = part.samples(host).at(-1);
  if (!last) return notSampled(host);
  const { id, begin, end } = last;
  const rows = last.rows.filter(fitsRow(filter)).map((row) => ({ ...row, id }));
  const until = Math.min(part.to, part.index.end);
  const since = `the last sample of the ${host}, at ${seconds(begin)}, is older: since then`;
  const [later] = disturbances(part.index, { host, connection, stateAlone }, begin, until).sort((a, b) => a.at - b.at);
  if (later) return unobserved(`${since} ${later.what} (at ${seconds(later.at)})`);
  const program = programAfter(part, host, last, { connection, stateAlone });
  if (program) return unobserved(`${since} ${program} went on, and what it called was not recorded`);
  const over = rows.map((row) => timerEnd(row, begin)).find((one) => one !== undefined && one.at < until);
  if (over) return unobserved(`${since} ${over.what} (at ${seconds(over.at)})`);
  // What is left of a socket in TIME-WAIT bears its cookie, and is none that the kernel reports (struct inet_timewait_sock).
  const gone = rows
    .filter(({ timer }) => timer?.name !== 'timewait')
    .map(({ cookie }) => part.index.destroyed(host, cookie))
    .find((at) => at !== undefined && at > begin && at < until);
  if (gone !== undefined) return unobserved(`${since} the kernel destroyed a socket it shows (by ${seconds(gone)})`);
  return observed({ id, at: end, rows });
};

/**
 * A program that may have made, closed or read from a socket since the sample, unseen. What a stage or the run ends
 * with is the sample taken there; a connection changes its state with segments and timers; and with what a driven
 * process holds no program meddles.
 */
const programAfter = (
  part: Part,
  host: HostName,
  { begin, reason }: Sample,
  { connection, stateAlone }: Omit<Subject, 'host'>,
): string | undefined => {
  // One look may answer several that were asked for.
  if (
    /\bend of (stage|the run|the script)\b/.test(reason) ||
    (connection && (stateAlone || heldByDriven(part, connection, host).observed))
  )
    return undefined;
  return part.index.programIn({ from: begin, to: part.to }, { host })?.process;
};

/** In which state was one end at the end of the span? CLOSED when ss shows no row. */
export const stateOf = (
  part: Part,
  connection: Connection,
  host: HostName,
): Observation<{ id: string; state: TcpState }> => {
  const last = lastRows(part, host, part.index.isRowOf(connection, host), { connection, stateAlone: true });
  if (!last.observed) return last;
  const state = last.value.rows[0]?.state ?? 'CLOSED';
  // The change that led there says more than the sample after it.
  const change = part.states(host, connection.number).at(-1);
  return observed({ id: change?.to === state ? change.id : last.value.id, state });
};

/** The row of one end at the end of the span. Throws when ss shows none. */
export const rowOf = (part: Part, connection: Connection, host: HostName): Observation<SampledRow> => {
  const last = lastRows(part, host, part.index.isRowOf(connection, host), { connection });
  if (!last.observed) return last;
  const { id, at, rows } = last.value;
  const [row] = rows;
  if (!row) throw new Error(`ss shows no socket of connection #${connection.number} on the ${host}`);
  return observed({ id, at, row: row as SocketRow });
};

/** The first connection that was not watched says why; the others are not asked. */
const allWatched = (part: Part, host: HostName, isMeant: (connection: Connection) => boolean) =>
  first(
    part.timeline.connections.filter((one) => hostsIn(one).includes(host)).filter(isMeant),
    (connection): Observation<unknown> => statesOf(part, connection, host),
  );

const rowFilterKnown = (filter: RowFilter, timeline: Timeline): Observation<undefined> =>
  typeof filter === 'function' ? observed(undefined) : filterKnown('row', filter, timeline);

const notSampled = (host: HostName) => unobserved(`ss was not sampled on the ${host} in this part of the run`);

// What becomes of one connection, as checks: the states its ends are in, stay in and for how long, and what they learn.
import type { HostName } from '../record/hosts.ts';
import type { TcpState } from '../record/tcp-state.ts';
import type { StateEvent } from '../timeline/schema.ts';
import { all, type Check, type Evidence, unknown } from './check.ts';
import { equal, holds, kernelTime, none, within } from './checks.ts';
import type { ConnectionView } from './connection-view.ts';
import { Unobserved } from './observation.ts';

/** Whether one end is in this state at the end of the view; CLOSED when ss shows no row. */
export const endState = (
  connection: { state(host: HostName): { id: string; state: TcpState } },
  host: HostName,
  expected: TcpState,
): Check =>
  whereObserved(() => {
    const found = connection.state(host);
    return equal(`the ${host}`, expected, found.state, [found]);
  });

/** `endState` of both ends: `endStates(connection, { client: 'TIME-WAIT', server: 'CLOSED' })`. */
export const endStates = (
  connection: Parameters<typeof endState>[0],
  { client, server }: Record<HostName, TcpState>,
): Check => all(endState(connection, 'client', client), endState(connection, 'server', server));

/**
 * Whether one end is in this state in every sample of the view, and in no other between them; with `timer`, whether ss
 * shows that timer in each, or `none`. Unknown where ss did not look, or not often enough.
 */
export const stays = (
  connection: Pick<ConnectionView, 'rows' | 'states'>,
  host: HostName,
  state: TcpState,
  { timer }: { timer?: string } = {},
): Check =>
  whereObserved(() => {
    const rows = connection.rows(host);
    const left = connection.states(host).filter(({ to }) => to !== state);
    const words = (row: { state: TcpState; timer?: { name: string } | undefined }) =>
      timer === undefined ? row.state : `${row.state}, timer ${row.timer?.name ?? 'none'}`;
    const expected = timer === undefined ? state : `${state}, timer ${timer}`;
    const odd = rows.find(({ row }) => words(row) !== expected);
    const found = odd ? words(odd.row) : (left[0]?.to ?? (rows.length > 0 ? expected : 'no socket'));
    const shown = odd ? [odd] : [rows[0], rows.at(-1)];
    return holds(`the ${host} stays: ${expected}`, `the ${host}: ${found}`, found === expected, [...left, ...shown]);
  });

/**
 * Whether the first stay of one end in a state lasts so many milliseconds, as long as a kernel timer set to them takes
 * (`kernelTime`). One that has not ended in the view fails once it has lasted longer, and is unknown before; so is one
 * outside of the range that may as well have been inside.
 */
export const lasts = (
  connection: Pick<ConnectionView, 'states' | 'rows'>,
  host: HostName,
  state: TcpState,
  milliseconds: number,
): Check =>
  whereObserved(() => {
    const changes = connection.states(host);
    const [stay, end] = changes.slice(changes.findIndex(({ to }) => to === state));
    const [low, high] = kernelTime(milliseconds);
    if (stay?.to !== state) return within(state, [low, high], Number.NaN, 'ms', []);
    if (!end) {
      const last = connection.rows(host).at(-1);
      const yet = ((last?.at ?? Number.NaN) - stay.at) / 1e6;
      const check = within(state, [low, high], yet, 'ms', [stay, last]);
      return yet > high ? check : unknown(`${check.actual}, and it had not ended`);
    }
    const check = within(state, [low, high], (stay.dwell ?? Number.NaN) / 1e6, 'ms', [stay, end]);
    const [least, most] = (stay.dwellBetween ?? []).map((time) => time / 1e6);
    const mayFit = least !== undefined && most !== undefined && least <= high && most >= low;
    return check.outcome === 'failed' && mayFit ? unknown(`${check.actual}, which is not known exactly enough`) : check;
  });

/**
 * Whether one end learns nothing in the view: no segment of the connection arrives there, and it stays ESTABLISHED.
 * `since` shows from when on: the call or operation the view begins with.
 */
export const neverLearns = (
  connection: Pick<ConnectionView, 'rows' | 'states' | 'segments'>,
  host: HostName,
  since: Evidence | undefined,
): Check => {
  const arrived = connection.segments.filter(({ to, fate }) => to === host && fate === 'delivered');
  return all(none(`segments that arrive at the ${host}`, arrived, [since]), stays(connection, host, 'ESTABLISHED'));
};

/**
 * Whether an event has this cause: of a kind (`'call'`, `'process-end'`, `'timer'`), the kernel's timer of a name
 * (`'timewait'`), or another event, such as the segment that arrived.
 */
export const causedBy = (event: Caused | undefined, expected: string | Evidence | undefined): Check => {
  const { cause } = event ?? {};
  const timer = cause?.kind === 'timer' && expected !== 'timer' ? cause.timer : undefined;
  const from = typeof expected !== 'string' && cause && 'event' in cause ? cause.event : undefined;
  const wanted = typeof expected === 'string' ? expected : expected?.id;
  return equal(`cause of ${nameOf(event)}`, wanted, from ?? timer ?? cause?.kind ?? 'unknown', [event]);
};

type Caused = Evidence & Pick<StateEvent, 'cause'> & { text?: string; from?: string; to?: string };

const nameOf = (event: Caused | undefined): string =>
  event?.text ?? (event?.to === undefined ? 'what is missing' : `${event.from} → ${event.to}`);

const whereObserved = (check: () => Check): Check => {
  try {
    return check();
  } catch (error) {
    if (error instanceof Unobserved) return unknown(error.message);
    throw error;
  }
};

// What becomes of one connection, as checks: the states its ends are in, stay in and for how long, and what they learn.
import { type HostName, hostNames } from '../../record/hosts.ts';
import type { TcpState } from '../../record/tcp-state.ts';
import { type Cause, type CauseTimer, cause as causeSchema, causeTimer } from '../../timeline/event-base.ts';
import type { StateEvent } from '../../timeline/schema.ts';
import { all, type Check, type Evidence, round, unknown } from '../check.ts';
import type { ConnectionView } from '../view/connection-view.ts';
import { Unobserved } from '../view/observation.ts';
import { equal, holds, kernelTime, none, within } from './checks.ts';
import { carries, sent } from './segments.ts';

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

/** `endState` of each end that is named: `endStates(connection, { client: 'TIME-WAIT', server: 'CLOSED' })`. */
export const endStates = (
  connection: Parameters<typeof endState>[0],
  states: { [host in HostName]?: TcpState },
): Check => all(...hostNames.flatMap((host) => (states[host] ? [endState(connection, host, states[host])] : [])));

/** Whether one end ends its side with these of its segments, in order: `closesWith(connection, 'client', 'RST')`. */
export const closesWith = ({ closing }: Pick<ConnectionView, 'closing'>, host: HostName, expected: string): Check => {
  const own = closing.filter(sent(host, 'FIN', 'RST'));
  return equal(`the ${host} sends`, expected, own.map((one) => (carries('RST')(one) ? 'RST' : 'FIN')).join(', '), own);
};

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
    const words = (row: { state: TcpState; timer?: { name: string } | undefined }) =>
      timer === undefined ? row.state : `${row.state}, timer ${row.timer?.name ?? 'none'}`;
    const expected = timer === undefined ? state : `${state}, timer ${timer}`;
    const odd = rows.find(({ row }) => words(row) !== expected);
    // A row that shows another state decides, whatever nobody saw beside it.
    const left = odd ? [] : connection.states(host).filter(({ to }) => to !== state);
    const found = odd ? words(odd.row) : (left[0]?.to ?? (rows.length > 0 ? expected : 'no socket'));
    const shown = odd ? [odd] : [rows[0], rows.at(-1)];
    return holds(`the ${host} stays: ${expected}`, `the ${host}: ${found}`, found === expected, [...left, ...shown]);
  });

/**
 * Whether the first stay of one end in a state lasts so many milliseconds, as long as a kernel timer set to them takes
 * (`kernelTime`). One that has not ended in the view fails once it has lasted longer, and is unknown before; so is one
 * that may have been within the range as well as outside.
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
    if (stay?.to !== state) return within(state, [low, high], Number.NaN, 'ms', changes);
    if (!end) {
      const last = connection.rows(host).at(-1);
      const yet = ((last?.at ?? Number.NaN) - stay.at) / 1e6;
      const check = within(state, [low, high], yet, 'ms', [stay, last]);
      return yet > high ? check : unknown(`${check.actual}, and it had not ended`);
    }
    const check = within(state, [low, high], (stay.dwell ?? Number.NaN) / 1e6, 'ms', [stay, end]);
    const [least, most] = (stay.dwellBetween ?? []).map((time) => time / 1e6);
    if (least === undefined || most === undefined) return check;
    const isInside = least >= low && most <= high;
    const isOutside = least > high || most < low;
    const actual = `${state}: ${round(least)} to ${round(most)} ms`;
    return isInside || isOutside ? { ...check, actual } : unknown(`${actual}, which is not known exactly enough`);
  });

/**
 * Whether one end learns nothing in the view: no segment of the connection arrives there, and it stays ESTABLISHED.
 * `since` shows from when on: the call or operation the view begins with.
 */
export const neverLearns = (
  connection: Pick<ConnectionView, 'rows' | 'states' | 'arrivals'>,
  host: HostName,
  since: Evidence | undefined,
): Check =>
  all(
    none(`segments that arrive at the ${host}`, connection.arrivals(host), [since]),
    stays(connection, host, 'ESTABLISHED'),
  );

/**
 * Whether an event has this cause: of a kind (`'call'`, `'process-end'`, `'timer'`), the kernel's timer of a name
 * (`'timewait'`, `'RTO'`), or another event, such as the segment that arrived. `'program'` is whatever a program does
 * whose calls nobody recorded, by a call or by its end: which of them, and which of several programs, is unknown.
 */
export const causedBy = (event: Caused | undefined, expected: CauseName | Evidence | undefined): Check => {
  const { cause } = event ?? {};
  const what = `cause of ${nameOf(event)}`;
  if (typeof expected === 'string' && !causeNames.has(expected)) return unknown(`no cause is named '${expected}'`);
  const undecided = cause && byProgram(cause, expected);
  if (undecided) return unknown(`${what}: ${undecided}`);
  const timer = cause?.kind === 'timer' && expected !== 'timer' ? (timerWords[cause.timer] ?? cause.timer) : undefined;
  const from = typeof expected !== 'string' && cause && 'event' in cause ? cause.event : undefined;
  const kind = cause?.kind === 'programs' ? 'program' : cause?.kind;
  const wanted = typeof expected === 'string' ? (timerWords[expected] ?? expected) : expected?.id;
  if (!event) return equal('caused', wanted, 'nothing', [event]);
  return equal(what, wanted, from ?? timer ?? kind ?? 'unknown', [event]);
};

export type CauseName = Cause['kind'] | CauseTimer | 'RTO';

const causeNames: ReadonlySet<string> = new Set<CauseName>([
  ...causeSchema.options.map(({ shape }) => shape.kind.value),
  ...causeTimer.options,
  'RTO',
]);
/** ss says `on` of the retransmission timeout. */
const timerWords: Record<string, string> = { on: 'RTO' };

/** What a program did leaves open what it was; undefined where that decides all the same. */
const byProgram = (cause: Cause, expected: CauseName | Evidence | undefined): string | undefined => {
  if (cause.kind !== 'program' && cause.kind !== 'programs') return undefined;
  if (expected === 'program' || expected === cause.kind) return undefined;
  const isOneOf = typeof expected === 'object' && cause.kind === 'programs' && cause.events.includes(expected.id);
  if (isOneOf) return 'one of several programs, and nothing tells which';
  return expected === 'call' || expected === 'process-end'
    ? 'a program whose calls were not recorded, by a call or by its end'
    : undefined;
};

type Caused = Evidence & Pick<StateEvent, 'cause'> & { text?: string; from?: string; to?: string };

const nameOf = (event: Caused | undefined): string => event?.text ?? `${event?.from} → ${event?.to}`;

const whereObserved = (check: () => Check): Check => {
  try {
    return check();
  } catch (error) {
    if (error instanceof Unobserved) return unknown(error.message);
    throw error;
  }
};

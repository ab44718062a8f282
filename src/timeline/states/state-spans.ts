// When a change of state can have happened. Two samples bound it; what else is known of the socket narrows that: it
// sends nothing once it is CLOSED, it has sent nothing before it left CLOSED, a listener answers SYNs for as long as it
// is there, a report of a socket's destruction or of its error comes after its end, and no timer is early.

import { isSystemCall } from '../../record/part-records.ts';
import type { Link } from '../draft.ts';
import type { Counted } from '../reading/counted.ts';
import type { Sightings } from '../reading/sightings.ts';
import { has } from '../segments/segment-flags.ts';
import { lastHandshake } from './handshakes.ts';
import { type Passed, passedStates } from './passed-states.ts';
import {
  destroyedAt,
  earliestExpiry,
  lastSuccess,
  learnedAt,
  listeningAt,
  type Span,
  type SpanEvidence,
} from './span-bounds.ts';
import type { StateDraft } from './states.ts';

/** What the socket went through between the two samples, unseen. */
export const passedBy = ({ event }: StateDraft, { traffic }: SpanEvidence, counted: Counted): Passed[] => {
  const { host, connection } = event;
  if (connection === undefined) return [];
  const isTimeWaitRefused = (at: number) => (counted.rise(host, 'TcpExt.TCPTimeWaitOverflow', at) ?? 0) > 0;
  return passedStates(event, { ...traffic(host, connection), connection, isTimeWaitRefused });
};

/** What bounds the change, whatever made it. */
export const boundsOf = (draft: StateDraft, evidence: SpanEvidence): Span => {
  const { event } = draft;
  const { from, to, host, connection } = event;
  let [low, high] = event.between;
  const before = (at: number | undefined) => {
    if (at !== undefined && at >= low) high = Math.min(high, at);
  };
  const after = (at: number | undefined) => {
    if (at !== undefined) low = Math.max(low, Math.min(at, high));
  };
  if (to === 'LISTEN') before(listeningAt(draft, evidence));
  if (to === 'CLOSED') before(destroyedAt(draft, evidence));
  if (from === 'LISTEN') after(lastHandshake(draft, evidence));
  after(draft.passed?.at(-1)?.at);
  if (connection === undefined || from === 'LISTEN') return [low, high];

  const { sent } = evidence.traffic(host, connection);
  const own = sent.filter(({ event: one }) => one.at >= low && one.at <= high && !has(one, 'R'));
  if (to === 'CLOSED') {
    before(learnedAt(draft, evidence));
    after(lastSuccess(draft, evidence));
    after(own.findLast(({ event: one }) => one.at <= high)?.event.at);
  } else if (to === 'SYN-SENT' || to === 'SYN-RECEIVED') before(own[0]?.event.at);
  else if (from === 'CLOSED') after(own.find(({ event: one }) => has(one, 'S'))?.event.at);
  if (to === 'FIN-WAIT-1' || to === 'LAST-ACK') before(own.find(({ event: one }) => has(one, 'F'))?.event.at);
  return [low, high];
};

/**
 * The span once the cause is known, `at` being the moment the cause pins the change to: that of a segment, or of a
 * call, which does its work some time between its begin and its return.
 */
export const spanOf = (
  draft: StateDraft,
  [low, high]: Span,
  { cause, at }: { cause: Link; at?: number | undefined },
  sightings: Sightings,
): Span => {
  if (cause.kind === 'timer')
    return at === undefined ? [clamp(earliestExpiry(draft, sightings), low, high), high] : point(at, low, high);
  // Not before the first of those that may have done it was started.
  if (cause.kind === 'programs') return [clamp(Math.min(...cause.of.map(({ event }) => event.at)), low, high), high];
  if (!('of' in cause)) return at === undefined ? [low, high] : point(at, low, high);
  const { event } = cause.of;
  // A process's end is told after the kernel has closed its sockets.
  if (event.kind === 'process' && event.edge === 'exit')
    return at === undefined
      ? [clamp(event.between?.[0] ?? low, low, high), clamp(event.between?.[1] ?? high, low, high)]
      : point(at, low, high);
  if (event.kind === 'call' && (at === undefined || at <= event.at) && event.at >= low && event.at <= high) {
    // Node returns from a method before it makes the call in the kernel.
    const returned = isSystemCall(event) ? event.returned?.at : undefined;
    return [event.at, returned === undefined ? high : clamp(returned, event.at, high)];
  }
  return at === undefined ? [clamp(event.at, low, high), high] : point(at, low, high);
};

/** Whether the change is known to the millisecond. */
export const isExact = ([low, high]: Span): boolean => high - low <= 1e6;

/** The clocks of captures and samples differ by a little: what is just outside is at the edge. */
const point = (at: number, low: number, high: number): Span => {
  if (at < low - slack || at > high + slack) return [low, high];
  const moment = clamp(at, low, high);
  return [moment, moment];
};

const slack = 1e6;

const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at, low), high);

// The observer's own influence on what a case rests on. The wire's pauses are round-trip time to the kernels and raise
// their retransmission timeouts; how often and when a segment is sent again, and when a socket gives up, then says
// something of the lab and not of TCP.
import type { HostName } from '../../record/hosts.ts';
import type { StateEvent, Timeline, TimelineEvent } from '../../timeline/schema.ts';
import type { Check } from '../check.ts';
import { kernelTime } from '../checks/checks.ts';
import { timersAt } from './timers-shown.ts';

/**
 * The check, unknown where it rests on retransmission times or counts of a socket whose timeout the observer had
 * raised. A check rests on them when it says how often or how long, or any condition of its own, and names as its
 * evidence something the retransmission timer did; and so does any check that names a series, the same segment sent
 * again and again.
 */
export const withoutInfluence = (check: Check, timeline: Timeline): Check => {
  const { parts, measures, ...plain } = check;
  if (parts) return withoutParts(parts.by(...parts.checks.map((part) => withoutInfluence(part, timeline))));
  if (plain.outcome === 'unknown') return plain;
  const ids = new Set(plain.evidence);
  const doings = timeline.events.filter(({ id }) => ids.has(id)).flatMap((event) => doingOf(event, timeline) ?? []);
  const rests = measures ? doings : doings.filter((one) => isOfSeries(one, doings));
  const reason = rests.map((doing) => raisedWords(doing, timeline)).find((words) => words !== undefined);
  return reason === undefined ? plain : { ...plain, outcome: 'unknown', actual: `${reason} (${plain.actual})` };
};

const withoutParts = ({ parts, measures, ...plain }: Check): Check => plain;

/**
 * Something the retransmission timer of one end did. `lasted`: an orphan's FIN-WAIT-2 of so many milliseconds, which
 * that timer may have set.
 */
type Doing = { at: number; host: HostName; connection: number; of?: string; lasted?: number };

const doingOf = (event: TimelineEvent, timeline: Timeline): Doing | undefined => {
  const { at } = event;
  if (event.kind === 'segment') {
    const isOne = event.role === 'retransmission' || event.role === 'window-probe';
    // What an arrival made the host send again (RFC 5681, section 3.2) waited for no timer.
    if (!isOne || event.origin !== 'host' || event.cause?.kind === 'segment') return undefined;
    return { at, host: event.from, connection: event.connection, of: event.retransmissionOf ?? event.role };
  }
  if (event.kind === 'state' && event.connection !== undefined) {
    const isOne = event.cause?.kind === 'timer' && ['on', 'retransmission', 'persist'].includes(event.cause.timer);
    return isOne ? { at, host: event.host, connection: event.connection } : orphanOf(event, timeline);
  }
  if ((event.kind !== 'emit' && event.kind !== 'call') || event.connection === undefined) return undefined;
  const code = event.kind === 'emit' ? event.code : event.returned?.errno;
  const { host, connection } = event;
  const isOwn = (one: TimelineEvent) =>
    one.kind === 'segment' && one.connection === connection && one.from === host && one.role === 'retransmission';
  const end = event.kind === 'call' ? (event.returned?.at ?? at) : at;
  const gaveUp = code === 'ETIMEDOUT' && timeline.events.some((one) => isOwn(one) && one.at < end);
  return gaveUp ? { at: end, host, connection } : undefined;
};

/** A FIN-WAIT-2 that ran out, whichever end of it the check names. */
const orphanOf = (event: StateEvent, { events }: Timeline): Doing | undefined => {
  const { host, socket, connection } = event;
  const ofSocket = events
    .filter((one) => one.kind === 'state')
    .filter((one) => one.host === host && one.socket === socket);
  const at = ofSocket.indexOf(event);
  const [begin, end] = event.to === 'FIN-WAIT-2' ? [event, ofSocket[at + 1]] : [ofSocket[at - 1], event];
  const isOne = end?.from === 'FIN-WAIT-2' && end.to === 'CLOSED' && end.cause?.kind === 'timer';
  if (!isOne || !begin || connection === undefined) return undefined;
  return { at: begin.at, host, connection, lasted: (end.between[0] - begin.between[1]) / 1e6 };
};

const isOfSeries = ({ of, host, connection }: Doing, doings: Doing[]) =>
  of !== undefined &&
  doings.filter((one) => one.of === of && one.host === host && one.connection === connection).length > 1;

const raisedWords = ({ at, host, connection, lasted }: Doing, timeline: Timeline): string | undefined => {
  const { rto, undisturbed, raised, isOfPauses, rtt = 0 } = timersAt(timeline, connection, host, at);
  if (!raised || (lasted !== undefined && lasted > kernelTime(orphanLasts * rto)[1])) return undefined;
  const [is, was] = [Math.round(rto), Math.round(undisturbed)];
  const end = `connection #${connection} on the ${host}`;
  if (!isOfPauses)
    return `the retransmission timeout of ${end} was ${is} ms (round trip ${rtt.toFixed(1)} ms), and by the captures it would be ${was} ms`;
  return `the wire's pauses raised the retransmission timeout of ${end} to ${is} ms, from ${was} ms (round trip ${rtt.toFixed(1)} ms)${lasted === undefined ? '' : `, and FIN-WAIT-2 lasts at least ${orphanLasts} of them`}: stage it undisturbed`;
};

/**
 * The FIN-WAIT-2 of a socket no process has any more lasts tcp_fin_timeout, but never less than 3.5 RTO
 * (tcp_fin_time(), include/net/tcp.h).
 */
const orphanLasts = 3.5;

// Whether what happened may stand in the row of its cause, instead of a row of its own.
import type { HostName } from '../../record/hosts.ts';
import type { Moment } from '../words/moments.ts';
import { callsLane, type Lane, onWire, type Row, stateLane } from './row.ts';

/** Further back nobody would look for it. */
const reach = 30;

/** The row of what caused this, if this may stand beside it in `lane`. `rowOf` gives the row of an event. */
export const sharedRow = (
  { event, part }: Moment,
  lane: Lane,
  rows: Row[],
  rowOf: Map<string, Row>,
): Row | undefined => {
  const { cause } = event;
  const recent = rows.slice(-reach);
  const last = recent.at(-1);
  if (part === 'done' || event.kind === 'call' || !cause || !('event' in cause) || !last) return undefined;
  // The end of a process is recorded after the kernel has closed its sockets: then what has the same cause stands together.
  const causeRow = rowOf.get(cause.event) ?? (hasCause(last, cause.event) ? last : undefined);
  const since = causeRow ? recent.lastIndexOf(causeRow) + 1 : 0;
  if (since === 0) return undefined;
  const isNodesDoing = cause.kind === 'call' && recent.slice(since).every(isNodeCall);
  const row = isNodesDoing ? last : (causeRow as Row);
  const later = isNodesDoing ? [] : recent.slice(since);
  const isFree = !row.across && !row.cells[lane] && row.step === event.step && isOfSameConnection(row, event);
  return isFree && later.every((between) => mayPass(event, lane, between)) ? row : undefined;
};

const hasCause = ({ events }: Row, id: string): boolean =>
  events.some(({ cause }) => cause && 'event' in cause && cause.event === id);

/** What Node did on behalf of the script's call stands beneath it; what follows belongs beside the last of these. */
const isNodeCall = ({ events: [first] }: Row): boolean => first?.kind === 'call' && first.by === 'node';

const isOfSameConnection = (row: Row, event: Moment['event']): boolean => {
  const connection = 'connection' in event ? event.connection : undefined;
  return connection === undefined || row.connection === undefined || row.connection === connection;
};

/** A state changes the moment its cause takes effect, though ss shows it a little later. What an application is told is shown
 * when it was told, but may pass what concerned another host only. */
const mayPass = (event: Moment['event'], lane: Lane, between: Row): boolean => {
  if (between.across) return false;
  if (event.kind === 'state') return !between.cells[lane];
  return event.kind === 'emit' && !onWire(between) && ownLanes(event.host).every((own) => !between.cells[own]);
};

const ownLanes = (host: HostName): Lane[] => [callsLane[host], stateLane[host]];

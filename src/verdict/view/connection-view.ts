// One connection in a part of a run: its segments, and at each end its states, its rows in ss and what programs did
// with it. Whatever the record does not show is Unobserved, which leaves the case unknown.

import { type HostName, hostsIn } from '../../record/hosts.ts';
import type { CallEvent, Connection, EmitEvent, SegmentEvent, StateEvent } from '../../timeline/schema.ts';
import { heldByDriven, heldByNode, tellsOf } from './doings.ts';
import { exactly } from './exactly.ts';
import { matchesApi, type SampledRow } from './filters.ts';
import { namesKnown } from './names.ts';
import { type Observation, unwrap } from './observation.ts';
import type { Moment, Part } from './part.ts';
import { type Read, readsIn } from './reads.ts';
import { rowOf, rowsOf, stateOf, statesOf } from './sockets.ts';

export type ConnectionView = Connection & {
  /** The same connection in another stage, or only at or after an event and before another. */
  during(stage: string): ConnectionView;
  between(from: Moment | undefined, to?: Moment): ConnectionView;
  /** Its segments that were sent in the view, in that order; their fate is what became of them in the whole run. */
  segments: SegmentEvent[];
  /** Those that arrived at one end within the view, whenever they were sent, in the order of their arrival. */
  arrivals(host: HostName): SegmentEvent[];
  /** The segments up to and including the third of the handshake. */
  handshake: SegmentEvent[];
  /** From the first FIN or RST on. */
  closing: SegmentEvent[];
  /** What one end's kernel has sent again, in order. */
  retransmissions(host: HostName): SegmentEvent[];
  /** State changes of one end, in order. */
  states(host: HostName): StateEvent[];
  /** Those beyond ESTABLISHED: how that end closed. */
  closingStates(host: HostName): StateEvent[];
  /** The state of one end at the end of the view; CLOSED when ss shows no row. */
  state(host: HostName): { id: string; state: StateEvent['to'] };
  /** The rows of one end in the samples of the view. */
  rows(host: HostName): SampledRow[];
  /** Its last row on one end, in the last sample of the view. Throws when there is none. */
  row(host: HostName): SampledRow;
  calls(host: HostName, api?: string | string[]): CallEvent[];
  emits(host: HostName, name?: string): EmitEvent[];
  /** What the program at one end has read: each recv() that succeeded, each 'data'. One with MSG_PEEK has taken nothing. */
  reads(host: HostName): Read[];
};

export const connectionIn = (part: Part, connection: Connection): ConnectionView =>
  exactly(connectionOf(part, connection), part.timeline, askedOfHost, hostsIn(connection));

const askedOfHost = [
  'arrivals',
  'retransmissions',
  'states',
  'closingStates',
  'state',
  'rows',
  'row',
  'calls',
  'emits',
  'reads',
] as const;

const connectionOf = (part: Part, connection: Connection): ConnectionView => {
  const isOwn = (event: { connection?: number }) => event.connection === connection.number;
  const segments = part.ofKind('segment').filter(isOwn);
  const thirdOfHandshake = segments.findIndex(({ flags }, index) => index > 0 && !flags.includes('S'));
  const firstOfClose = segments.findIndex(({ flags }) => /[FR]/.test(flags));
  const states = (name: HostName) => unwrap(statesOf(part, connection, name));
  const own = <T extends { connection?: number }>(isHeld: Observation<undefined>, list: () => T[]): T[] => {
    unwrap(isHeld);
    return list().filter(isOwn);
  };
  return {
    ...connection,
    during: (stage) => connectionIn(part.during(stage), connection),
    between: (from, to) => connectionIn(part.between(from, to), connection),
    segments,
    arrivals: (name) => part.arrivals(name).filter((segment) => segment.connection === connection.number),
    handshake: segments.slice(0, thirdOfHandshake < 0 ? segments.length : thirdOfHandshake + 1),
    closing: firstOfClose < 0 ? [] : segments.slice(firstOfClose),
    retransmissions: (name) => segments.filter(({ from, role }) => from === name && role === 'retransmission'),
    states,
    closingStates: (name) => states(name).filter(({ to }) => !opening.includes(to)),
    state: (name) => unwrap(stateOf(part, connection, name)),
    rows: (name) => unwrap(rowsOf(part, name, part.index.isRowOf(connection, name), connection)),
    row: (name) => unwrap(rowOf(part, connection, name)),
    calls: (name, api) => {
      unwrap(namesKnown({ call: api }, part.timeline));
      const holders = [...part.index.holders(name, connection.number)];
      for (const process of holders) unwrap(tellsOf(part, [api ?? []].flat(), { host: name, process }));
      return own(heldByDriven(part, connection, name), () =>
        part.ofKind('call', name).filter((call) => matchesApi(call.api, api)),
      );
    },
    emits: (name, event) => {
      unwrap(namesKnown({ emit: event }, part.timeline));
      return own(heldByNode(part, connection, name), () =>
        part.ofKind('emit', name).filter((emit) => event === undefined || emit.name === event),
      );
    },
    reads: (name) => own(heldByDriven(part, connection, name), () => readsIn(part, name)),
  };
};

const opening: StateEvent['to'][] = ['SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED'];

// One connection in a part of a run: its segments, and at each end its states, its rows in ss and what programs did with it.
import type {
  CallEvent,
  Connection,
  EmitEvent,
  HostName,
  SegmentEvent,
  SocketRow,
  StateEvent,
} from '../timeline/schema.ts';
import type { SampledRow } from './filters.ts';
import { hostIn } from './host-view.ts';
import type { Moment, Part } from './part.ts';
import type { Read } from './reads.ts';

export type ConnectionView = Connection & {
  /** The same connection in another stage, or only at or after an event and before another. */
  during(stage: string): ConnectionView;
  between(from: Moment | undefined, to?: Moment): ConnectionView;
  /** Its segments, in the order they were sent. */
  segments: SegmentEvent[];
  /** The segments up to and including the third of the handshake. */
  handshake: SegmentEvent[];
  /** From the first FIN or RST on. */
  closing: SegmentEvent[];
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
  /** What the program at one end has read: each recv() that succeeded, each 'data'. */
  reads(host: HostName): Read[];
};

export const connectionIn = (part: Part, connection: Connection): ConnectionView => {
  const isOwn = (event: { connection?: number }) => event.connection === connection.number;
  const segments = part.ofKind('segment').filter(isOwn);
  const thirdOfHandshake = segments.findIndex(({ flags }, index) => index > 0 && !flags.includes('S'));
  const firstOfClose = segments.findIndex(({ flags }) => /[FR]/.test(flags));
  const host = (name: HostName) => hostIn(part, name);
  const states = (name: HostName) => host(name).states().filter(isOwn);
  const rows = (name: HostName) => host(name).rows((row) => isEnd(row, connection, name));
  return {
    ...connection,
    during: (stage) => connectionIn(part.during(stage), connection),
    between: (from, to) => connectionIn(part.between(from, to), connection),
    segments,
    handshake: segments.slice(0, thirdOfHandshake < 0 ? segments.length : thirdOfHandshake + 1),
    closing: firstOfClose < 0 ? [] : segments.slice(firstOfClose),
    states,
    closingStates: (name) => states(name).filter(({ to }) => !opening.includes(to)),
    state: (name) => {
      const { id, rows: own } = host(name).last((row) => isEnd(row, connection, name));
      return { id: states(name).at(-1)?.id ?? id, state: own[0]?.state ?? 'CLOSED' };
    },
    rows,
    row: (name) => {
      const { id } = host(name).last();
      const last = rows(name).findLast((row) => row.id === id);
      if (!last) throw new Error(`ss shows no socket of connection #${connection.number} on the ${name}`);
      return last;
    },
    calls: (name, api) => host(name).calls(api).filter(isOwn),
    emits: (name, event) => host(name).emits(event).filter(isOwn),
    reads: (name) => host(name).reads().filter(isOwn),
  };
};

const opening: StateEvent['to'][] = ['SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED'];

/** Whether a row of ss is one end of a connection, on that end's host. */
const isEnd = ({ local, peer: remote }: SocketRow, { client, server }: Connection, host: HostName) => {
  const [own, peer] = host === 'client' ? [client, server] : [server, client];
  const isSame = (a: typeof own, b: typeof own) => a.port === b.port && a.address === b.address;
  return isSame(local, own) && isSame(remote, peer);
};

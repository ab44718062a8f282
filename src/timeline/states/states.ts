// Follows each socket of each host from sample to sample and makes an event of every change of its TCP state.
// A socket is known by its host and address pair, and by its cookie: SYN-RECEIVED and TIME-WAIT are not full sockets
// (struct request_sock, struct inet_timewait_sock) and have no inode, but hand the cookie on.

import { perHost } from '../../record/hosts.ts';
import type { Sample, SocketRow } from '../../record/samples.ts';
import type { TcpState } from '../../record/tcp-state.ts';
import { type ConnectionIndex, pairKey } from '../connection-index.ts';
import { type Draft, noId } from '../draft.ts';
import type { StateEvent } from '../schema.ts';
import type { Passed } from './passed-states.ts';

/** A change of state, and the rows that show it: none before for a new socket, none after for one that is gone. */
export type StateDraft = Draft<StateEvent> & {
  rowBefore?: SocketRow;
  rowAfter?: SocketRow;
  /** What it went through in between, as far as segments tell. */
  passed?: Passed[];
};

/**
 * The changes of state, in the order of the samples that show them. `at` is the earliest moment for each until its
 * cause is known; steps, causes and dwell times are for others to fill in. Failed samples show nothing; the span then
 * reaches over them.
 */
export const followSockets = (samples: Sample[], connections: ConnectionIndex): StateDraft[] => {
  const drafts: StateDraft[] = [];
  const hosts = perHost((): HostSockets => ({ sockets: new Map() }));
  let lastNumber = 0;

  for (const sample of samples) {
    if (!sample.ok) continue;
    const host = hosts[sample.host];
    const rows = rowsByKey(sample.rows);
    const change = (socket: Omit<Socket, 'row'>, rowBefore: SocketRow | undefined, rowAfter: SocketRow | undefined) => {
      const draft = describe(sample, host.last, socket, rowBefore, rowAfter);
      drafts.push(draft);
    };
    for (const [key, { row, number, connection }] of host.sockets) {
      const now = rows.get(key);
      if (now && isSameSocket(row, now)) continue;
      change({ number, connection }, row, undefined);
      host.sockets.delete(key);
    }
    for (const [key, row] of rows) {
      const known = host.sockets.get(key);
      const socket = known ?? { number: ++lastNumber, connection: undefined, row };
      // A row may stand in a sample that began just before the capture's first packet of the connection.
      socket.connection ??=
        row.state === 'LISTEN' ? undefined : connections.find(row.local, row.peer, sample.end)?.number;
      if (known?.row.state !== row.state) change(socket, known?.row, row);
      socket.row = row;
      host.sockets.set(key, socket);
    }
    host.last = sample;
  }
  return drafts;
};

type Socket = { number: number; connection: number | undefined; row: SocketRow };
type HostSockets = { sockets: Map<string, Socket>; last?: Sample };

/** CLOSED rows (bound, never connected) are no state of a connection. Listeners on one port are told apart by their cookie. */
const rowsByKey = (rows: SocketRow[]): Map<string, SocketRow> => {
  const byKey = new Map<string, SocketRow>();
  for (const row of rows) {
    if (row.state === 'CLOSED') continue;
    const key =
      row.state === 'LISTEN'
        ? `${pairKey(row.local, row.peer)} ${row.cookie || row.inode}`
        : pairKey(row.local, row.peer);
    // ss does not read all sockets at one instant: one that moves meanwhile may show twice, the later state is the true one.
    const twin = byKey.get(key);
    if (!twin || progress[row.state] > progress[twin.state]) byKey.set(key, row);
  }
  return byKey;
};

const progress: Record<TcpState, number> = {
  CLOSED: 0,
  LISTEN: 1,
  'SYN-SENT': 2,
  'SYN-RECEIVED': 3,
  ESTABLISHED: 4,
  'FIN-WAIT-1': 5,
  'CLOSE-WAIT': 5,
  'FIN-WAIT-2': 6,
  CLOSING: 6,
  'LAST-ACK': 6,
  'TIME-WAIT': 7,
};

/**
 * Whether two rows of one address pair can be one socket: states only advance, and a cookie and an inode stay as long as
 * there are any.
 */
const isSameSocket = (before: SocketRow, now: SocketRow): boolean => {
  if (before.cookie && now.cookie && before.cookie !== now.cookie) return false;
  if (before.inode !== 0 && now.inode !== 0 && before.inode !== now.inode) return false;
  return progress[now.state] >= progress[before.state];
};

const describe = (
  sample: Sample,
  last: Sample | undefined,
  { number, connection }: Omit<Socket, 'row'>,
  rowBefore: SocketRow | undefined,
  rowAfter: SocketRow | undefined,
): StateDraft => {
  const { local, peer } = (rowAfter ?? rowBefore) as SocketRow;
  const from = rowBefore?.state ?? 'CLOSED';
  const between: [number, number] = [last?.begin ?? 0, sample.end];
  const event: StateEvent = {
    id: noId,
    at: between[0],
    step: 0,
    kind: 'state',
    host: sample.host,
    socket: number,
    ...(connection !== undefined && { connection }),
    local,
    peer,
    from,
    to: rowAfter?.state ?? 'CLOSED',
    ...(last && { before: last.id }),
    after: sample.id,
    between,
  };
  return { event, ...(rowBefore && { rowBefore }), ...(rowAfter && { rowAfter }) };
};

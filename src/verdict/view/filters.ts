// Which events and rows are meant.

import type { Endpoint } from '../../record/endpoint.ts';
import type { HostName } from '../../record/hosts.ts';
import type { SocketRow } from '../../record/samples.ts';
import type { TcpState } from '../../record/tcp-state.ts';
import type { SegmentEvent } from '../../timeline/schema.ts';

export type SegmentFilter = {
  from?: HostName;
  flags?: string;
  fate?: SegmentEvent['fate'];
  role?: SegmentEvent['role'];
  origin?: SegmentEvent['origin'];
};
export type CallFilter = {
  host?: HostName;
  process?: string;
  api?: string | string[];
  by?: 'script' | 'node';
  target?: string;
};
export type EmitFilter = { host?: HostName; process?: string; name?: string; target?: string };
/** Rows of ss by their ports and state, as in a script, or by a condition of one's own. */
export type RowFilter = { localPort?: number; peerPort?: number; state?: TcpState } | ((row: SocketRow) => boolean);

/** A row of ss, with the id of the sample it stands in and the time of that sample. */
export type SampledRow = { id: string; at: number; row: SocketRow };
/** A row of ss with the id of the sample it stands in: it is evidence by itself. */
export type IdentifiedRow = SocketRow & { id: string };

/** Whether an event has all of the given fields. */
export const agrees = (event: object, filter: object): boolean =>
  Object.entries(filter).every(
    ([key, value]) => value === undefined || (event as Record<string, unknown>)[key] === value,
  );

export const fitsRow = (filter: RowFilter): ((row: SocketRow) => boolean) => {
  if (typeof filter === 'function') return filter;
  const isEnds = fitsEnds(filter);
  return (row) => isEnds(row) && (filter.state === undefined || row.state === filter.state);
};

/** The two ends of a socket, of the host's own first. */
export type Ends = { local: Endpoint; peer: Endpoint };

/** Whether they have the ports a filter tells; a condition of one's own tells none. */
export const fitsEnds = (filter: RowFilter): ((ends: Ends) => boolean) => {
  const { localPort, peerPort } = typeof filter === 'function' ? {} : filter;
  return ({ local, peer }) =>
    (localPort === undefined || local.port === localPort) && (peerPort === undefined || peer.port === peerPort);
};

export const matchesApi = (api: string, wanted: string | string[] | undefined) =>
  wanted === undefined || (Array.isArray(wanted) ? wanted.includes(api) : api === wanted);

// A row of the report: one moment over five lanes, or over seven where a proxy stands between the hosts.
import type { HostName } from '../../record/hosts.ts';
import type { SegmentEvent, TimelineEvent } from '../../timeline/schema.ts';
import type { Style } from '../words/styles.ts';

/** What a proxy calls and the states it goes through share a lane; `upstream` is the wire between it and the server. */
export type Lane = 'clientCalls' | 'clientState' | 'wire' | 'proxy' | 'upstream' | 'serverState' | 'serverCalls';

/** The lanes of a run with these hosts, from left to right. */
export const lanesOf = (hosts: readonly HostName[]): readonly Lane[] =>
  hosts.includes('proxy')
    ? ['clientCalls', 'clientState', 'wire', 'proxy', 'upstream', 'serverState', 'serverCalls']
    : ['clientCalls', 'clientState', 'wire', 'serverState', 'serverCalls'];

export const laneTitles: Record<Lane, string> = {
  clientCalls: 'client calls',
  clientState: 'client state',
  wire: 'wire',
  proxy: 'proxy',
  upstream: 'wire',
  serverState: 'server state',
  serverCalls: 'server calls',
};

/** Where what a host's programs call stands, and the states of its sockets. */
export const callsLane: Record<HostName, Lane> = { client: 'clientCalls', proxy: 'proxy', server: 'serverCalls' };
export const stateLane: Record<HostName, Lane> = { client: 'clientState', proxy: 'proxy', server: 'serverState' };

/** The wire that a segment goes over. */
export const wireLane = ({ from, to }: Pick<SegmentEvent, 'from' | 'to'>): Lane =>
  (from === 'proxy' && to === 'server') || (from === 'server' && to === 'proxy') ? 'upstream' : 'wire';

export const isWire = (lane: Lane): boolean => lane === 'wire' || lane === 'upstream';

/** The lane to the left of a wire, and that to its right, belong to these hosts. */
export const hostsAt = (lane: Lane, hosts: readonly HostName[]): [left: HostName, right: HostName] =>
  lane === 'upstream' ? ['proxy', 'server'] : ['client', hosts.includes('proxy') ? 'proxy' : 'server'];

/** What stands on a wire in a row. */
export const onWire = ({ cells }: Row): Cell | undefined => cells.wire ?? cells.upstream;

export type Row = {
  /** Nanoseconds since the start of the run. */
  at: number;
  step: number;
  events: TimelineEvent[];
  connection?: number;
  cells: Partial<Record<Lane, Cell>>;
  /** Instead of cells: words across all lanes. */
  across?: { text: string; style: Style; line: 'wire' | 'stage' | 'none' };
};

/** What stands in one lane of a row. */
export type Cell = {
  text: string;
  style: Style;
  /** Stands behind the text where there is room, else beneath it. */
  notes: string[];
  arrow?: Arrow;
  /** The events it stands for. */
  ids?: string[];
  /** Lines the text may take; what a program prints can be of any length. */
  most?: number;
};

/** A segment's way over its lane. `whole` from end to end; the others begin or end on the wire. */
export type Arrow = { towards: 'right' | 'left'; part: 'whole' | 'lost' | 'stopped' | 'resumed' | 'made' };

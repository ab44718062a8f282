// The sequence diagram as data: what is drawn, and how far down it stands. Made by scene.ts, drawn by browser/diagram.ts.
import type { HostName } from '../../record/hosts.ts';
import type { TcpState } from '../../record/tcp-state.ts';
import type { Style } from '../words/styles.ts';

export type Fold = { top: number; bottom: number; words: string };

/** Pixels from the top, in the readable and in the true scale of time. */
export type Height = [readable: number, true_: number];

/** One thing of the diagram that can be chosen. Short names, because a run can have ten thousand of them. */
export type Item = {
  /** `e17`, `s46`; empty for what only accompanies something else. */
  id: string;
  /** Index of its lane; -1 lies across all of them. */
  lane: number;
  style: Style;
  text: string;
  note?: string;
  /** Where it happened. */
  y: Height;
  /** Where its words stand when that is elsewhere, in the true scale; null where there is no room for them. */
  label?: number | null;
  /** A segment's arrow. `made` begins on the wire. */
  arrow?: { to: 'right' | 'left'; end: 'whole' | 'lost' | 'held'; made?: true; y: Height };
  /** Several samples of ss on one line stand side by side. */
  nth?: number;
  connection?: number;
  /** The sub-column of a socket's state. */
  column?: number;
};

export type Band = {
  id: string;
  host: HostName;
  state: TcpState;
  column: number;
  top: Height;
  bottom: Height;
  /** `#1`, where the run has several connections. */
  name: string;
  /** How long it lasted, or that it was there at the end. */
  stay: string;
};

/** A lane of the diagram: whose it is, and what stands in it. That of a proxy has both its calls and its states. */
export type SceneLane = { title: string; kind: 'calls' | 'state' | 'wire' | 'both'; host?: HostName };

export type Scene = {
  /** From left to right. */
  lanes: SceneLane[];
  items: Item[];
  bands: Band[];
  /** Sub-columns of each host's state lane. */
  columns: Record<HostName, number>;
  /** Of each line: what stands in the margin. */
  margin: { y: Height; ids: string; time: string; delta: string }[];
  folds: [readable: Fold[], true_: Fold[]];
  height: Height;
  unit: 'ms' | 's';
  severalConnections: boolean;
  /** What is not drawn, in words. */
  omitted: string[];
};

// One host in a part of a run: its calls, what its programs said and read, its sockets and settings. Whatever the
// record does not show is Unobserved, which leaves the case unknown.

import type { HostName } from '../../record/hosts.ts';
import type { Sample } from '../../record/samples.ts';
import type {
  CallEvent,
  CounterEvent,
  EmitEvent,
  OutputEvent,
  ProcessEvent,
  StateEvent,
} from '../../timeline/schema.ts';
import { callsOf, emitsOf, outputOf, processesOf, readsOf, settingOf } from './doings.ts';
import { exactly } from './exactly.ts';
import type { CallFilter, EmitFilter, IdentifiedRow, RowFilter, SampledRow } from './filters.ts';
import { unwrap } from './observation.ts';
import type { Part } from './part.ts';
import type { Read } from './reads.ts';
import { risesOf } from './rises.ts';
import { hostStates, lastRows, rowsOf } from './sockets.ts';

export type HostView = {
  name: HostName;
  /**
   * What was called, and what the script did to processes and to the host. With `by: 'script'` a program that ran there
   * leaves nothing open.
   */
  calls(api?: string | string[], filter?: CallFilter): CallEvent[];
  emits(name?: string, filter?: EmitFilter): EmitEvent[];
  /** What became of the processes that the script started; the children of programs are none of them. */
  processes(edge?: ProcessEvent['edge']): ProcessEvent[];
  output(process?: string): OutputEvent[];
  /**
   * What programs on the host, or one of them, have read: each recv() that came back with something in the view, each
   * 'data'. One with MSG_PEEK has taken nothing. A process of Node may have taken more out of the kernel's queue than it
   * has emitted: Recv-Q of ss tells.
   */
  reads(process?: string): Read[];
  /**
   * The value a sysctl had when the script last read or set it, and the call; `undefined` when the kernel has none.
   * Nobody knows it where the script did neither, and any more once a program has run that may have set it.
   */
  setting(name: string): { id: string; value: string } | undefined;
  /**
   * The rises of the kernel's counters, by their name: `rises('TcpExt.ListenOverflows')`. All those that have a meaning
   * without a name.
   */
  rises(name?: string): CounterEvent[];
  /** When ss looked, in order. What it saw is asked for with `rows`, `last` and `states`. */
  samples: Omit<Sample, 'rows'>[];
  /** The rows of all samples that fit, with the sample each comes from. */
  rows(filter?: RowFilter): SampledRow[];
  /** State changes of the host's sockets that fit: listeners too, which belong to no connection. */
  states(filter?: { localPort?: number; to?: StateEvent['to'] }): StateEvent[];
  /** The sockets that fit at the end of the view, each with the id of the sample that shows it. */
  last(filter?: RowFilter): { id: string; rows: IdentifiedRow[] };
};

export const hostIn = (part: Part, name: HostName): HostView => exactly(hostOf(part, name), part.timeline);

const hostOf = (part: Part, name: HostName): HostView => ({
  name,
  calls: (api, filter) => unwrap(callsOf(part, { ...filter, host: name, api })),
  emits: (event, filter) => unwrap(emitsOf(part, { ...filter, host: name, name: event ?? filter?.name })),
  processes: (edge) => unwrap(processesOf(part, name, edge)),
  output: (process) => unwrap(outputOf(part, name, process)),
  reads: (process) => unwrap(readsOf(part, name, process)),
  setting: (sysctl) => unwrap(settingOf(part, name, sysctl)),
  rises: (counter) => unwrap(risesOf(part, name, counter)),
  get samples() {
    return part.samples(name).map(({ rows: _, ...sample }) => sample);
  },
  rows: (filter) => unwrap(rowsOf(part, name, filter ?? {})),
  states: (filter) => unwrap(hostStates(part, name, filter ?? {})),
  last: (filter) => {
    const { id, rows } = unwrap(lastRows(part, name, filter ?? {}));
    return { id, rows };
  },
});

// One host in a part of a run: its calls, what its programs said and read, its sockets and settings.
import type {
  CallEvent,
  EmitEvent,
  HostName,
  OutputEvent,
  ProcessEvent,
  Sample,
  SocketRow,
  StateEvent,
} from '../timeline/schema.ts';
import {
  agrees,
  type CallFilter,
  callsIn,
  type EmitFilter,
  fitsRow,
  type RowFilter,
  type SampledRow,
} from './filters.ts';
import type { Part } from './part.ts';
import { type Read, readsIn } from './reads.ts';

export type HostView = {
  name: HostName;
  calls(api?: string | string[], filter?: CallFilter): CallEvent[];
  emits(name?: string, filter?: EmitFilter): EmitEvent[];
  processes(edge?: ProcessEvent['edge']): ProcessEvent[];
  output(process?: string): OutputEvent[];
  /** What programs on the host have read: each recv() that succeeded, each 'data'. */
  reads(): Read[];
  /** The value a sysctl had when the script last read or set it, and the call; `undefined` when it never did, or the kernel has none. */
  setting(name: string): { id: string; value: string } | undefined;
  /** The samples of ss, in order. */
  samples: Sample[];
  /** The rows of all samples that fit, with the sample each comes from. */
  rows(filter?: RowFilter): SampledRow[];
  /** State changes of the host's sockets that fit: listeners too, which belong to no connection. */
  states(filter?: { localPort?: number; to?: StateEvent['to'] }): StateEvent[];
  /** The sockets that fit as the last sample shows them. Throws when ss was not sampled. */
  last(filter?: RowFilter): { id: string; rows: SocketRow[] };
};

export const hostIn = (part: Part, name: HostName): HostView => ({
  name,
  calls: (api, filter) => callsIn(part, { ...filter, host: name, api }),
  emits: (event, filter) =>
    part.ofKind('emit').filter((one) => agrees(one, { ...filter, host: name, name: event ?? filter?.name })),
  processes: (edge) => part.ofKind('process').filter((event) => agrees(event, { host: name, edge })),
  output: (process) => part.ofKind('output').filter((event) => agrees(event, { host: name, process })),
  reads: () => readsIn(part, name),
  setting: (sysctl) => {
    const calls = callsIn(part, { host: name, api: 'sysctl' }).filter(({ args }) => args[0] === sysctl);
    const last = calls.findLast(({ returned }) => returned?.value !== undefined);
    return last && { id: last.id, value: (last.returned as { value: { after: string } }).value.after };
  },
  get samples() {
    return part.samples(name);
  },
  rows: (filter = {}) => {
    const fits = fitsRow(filter);
    return part.samples(name).flatMap(({ id, end, rows }) => rows.filter(fits).map((row) => ({ id, at: end, row })));
  },
  states: ({ localPort, to } = {}) =>
    part
      .ofKind('state')
      .filter(
        (event) => agrees(event, { host: name, to }) && (localPort === undefined || event.local.port === localPort),
      ),
  last: (filter = {}) => {
    const last = part.samples(name).at(-1);
    if (!last) throw new Error(`ss was not sampled on the ${name} in this part of the run`);
    return { id: last.id, rows: last.rows.filter(fitsRow(filter)) };
  },
});

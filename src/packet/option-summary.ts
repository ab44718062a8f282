// TCP options by name rather than in order: what a finding asks for, and the short way to write them.
import type { TcpOption } from './options.ts';

export type TcpOptions = {
  /** Maximum segment size in bytes. */
  mss?: number;
  /** The window is to be shifted left by so many bits. */
  windowScale?: number;
  sackPermitted?: true;
  /** Left and right edges, absolute. */
  sack?: [left: number, right: number][];
  timestamps?: { value: number; echo: number };
  /** Kinds that have no name here, in order. */
  other?: number[];
};

/** By name. Where an option stands twice, the last one counts, as it does in Linux (`tcp_parse_options`). */
export const summarizeOptions = (list: readonly TcpOption[]): TcpOptions => {
  const options: TcpOptions = {};
  for (const option of list) {
    if (option.name === 'mss') options.mss = option.value;
    else if (option.name === 'windowScale') options.windowScale = option.shift;
    else if (option.name === 'sackPermitted') options.sackPermitted = true;
    else if (option.name === 'sack') options.sack = option.blocks;
    else if (option.name === 'timestamps') options.timestamps = { value: option.value, echo: option.echo };
    else if (option.name === 'other') options.other = [...(options.other ?? []), option.kind];
  }
  return options;
};

/** In the order and with the padding Linux writes them (`tcp_options_write`). `other` has no data to write and is left out. */
export const layOutOptions = ({ mss, windowScale, sackPermitted, sack, timestamps }: TcpOptions): TcpOption[] => {
  const list: TcpOption[] = [];
  if (mss !== undefined) list.push({ name: 'mss', value: mss });
  if (sackPermitted && timestamps) list.push({ name: 'sackPermitted' });
  else if (timestamps) list.push(nop, nop);
  if (timestamps) list.push({ name: 'timestamps', ...timestamps });
  if (sackPermitted && !timestamps) list.push(nop, nop, { name: 'sackPermitted' });
  if (windowScale !== undefined) list.push(nop, { name: 'windowScale', shift: windowScale });
  if (sack) list.push(nop, nop, { name: 'sack', blocks: sack });
  return list;
};

const nop: TcpOption = { name: 'nop' };

// The words an experiment's script is written in.
export type { HostName } from '../record/hosts.ts';
export type { InjectedFields } from '../wire/inject.ts';
export type { WireSegment } from '../wire/segment.ts';
export type * from './vocabulary/host.ts';
export type * from './vocabulary/node.ts';
export type * from './vocabulary/process.ts';
export type * from './vocabulary/raw.ts';
export type * from './vocabulary/script.ts';
export type * from './vocabulary/wire.ts';

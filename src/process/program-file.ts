// Where the programs of finwait are that run as processes of their own: in the bundle when this is the bundle, else
// among the sources.
import { join } from 'node:path';

/** Replaced by the bundle's folder when the programs are bundled (scripts/bundle.mjs); in the sources nothing declares it. */
declare const bundled: string | undefined;

type Program =
  | 'finwait'
  | 'host/agent'
  | 'host/node-process'
  | 'host/raw-process'
  | 'judge/conclude-thread'
  | 'witness/sidecar';

const bundle = typeof bundled === 'undefined' ? undefined : bundled;

/** Whether this is the bundle. */
export const isBundled = bundle !== undefined;

/** The path of a program, to be given to Node. */
export const programFile = (program: Program): string =>
  bundle === undefined ? join(import.meta.dirname, '..', `${program}.ts`) : join(bundle, `${program}.mjs`);

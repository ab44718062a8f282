// Numbers and writes down what the script, or somebody who steps through a run, does to the wire.
import { now } from '../record/clock.ts';
import type { Source } from '../record/source.ts';
import type { WireRecord } from '../record/wire-records.ts';

/** The step under way, and the line of the script. */
export type Context = { step?: number; source?: Source };

/** Write an operation down; gives its number. */
export type Operate = (name: string, args: Record<string, unknown>, context: Context) => number;

export const createOperations = (record: (line: WireRecord) => void): Operate => {
  let last = 0;
  return (name, args, context) => {
    const operation = ++last;
    record({ type: 'operation', t: now(), operation, name, args, ...context });
    return operation;
  };
};

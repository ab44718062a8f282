// A value as the sentence shows it that refuses it.
import { inspect } from 'node:util';

/** `{ onoff: 1, linger: 0 }`, `'SO_LINGER'`; `nothing` for undefined, and a host by its name. */
export const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'object' && value !== null && 'address' in value && 'name' in value)
    return `the host ${value.name}`;
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function';
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 60, maxArrayLength: 5 });
};

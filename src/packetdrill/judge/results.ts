// Whether a system call returned what the script says.
import type { PktCall } from '../notation/script.ts';

/** What a call returned, as the process said it or as the record keeps it. */
export type Returned = { value?: unknown; errno?: string; text?: string; option?: unknown; length?: number };

/** Nothing when it is as the script says; else what it returned. */
export const wrongResult = (call: PktCall, returned: Returned): string | undefined => {
  const value = returned.errno === undefined ? numberIn(returned.value) : -1;
  const words = returned.errno === undefined ? `it returned ${value}` : `it returned -1 ${returned.errno}`;
  if (call.value === undefined) return undefined;
  if (call.makes && call.value >= 0 && value >= 0) return undefined;
  if (value !== call.value || (call.errno !== undefined && call.errno !== returned.errno)) return words;
  if (call.text !== undefined && returned.text !== undefined && !call.text.startsWith(returned.text))
    return `it brought ${JSON.stringify(returned.text)}`;
  if (returned.errno !== undefined) return undefined;
  if (call.option !== undefined && JSON.stringify(call.option) !== JSON.stringify(returned.option))
    return `it gave ${JSON.stringify(returned.option)} and not ${JSON.stringify(call.option)}`;
  if (call.length !== undefined && call.length !== returned.length)
    return `it gave ${returned.length} bytes and not ${call.length}`;
  return undefined;
};

const numberIn = (value: unknown): number => (typeof value === 'number' ? value : 0);

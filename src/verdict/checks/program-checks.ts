// What programs were told, as checks: errors that were emitted, what was read, what a call returned.
import type { CallEvent } from '../../timeline/schema.ts';
import type { Check, Shown } from '../check.ts';
import { equal } from './checks.ts';
import { textOf } from './events.ts';

/**
 * Whether errors were emitted with this code and no other: `failsWith('ECONNRESET', connection.emits('client', 'error'))`.
 * Where there is none, `lookedThrough` is the evidence.
 */
export const failsWith = (
  code: string,
  errors: readonly { id: string; code?: string }[],
  lookedThrough: Shown = [],
): Check =>
  equal(
    'error',
    code,
    [...new Set(errors.map((error) => error.code))].join(),
    errors.length > 0 ? errors : lookedThrough,
  );

/**
 * Whether what a program has read is this text, put together: `hasRead('the server', 'hello', connection.reads('server'))`.
 * Where it has read nothing, `lookedThrough` is the evidence.
 */
export const hasRead = (
  who: string,
  text: string,
  reads: readonly { id: string; text?: string; bytes?: number; isThrownAway?: true }[],
  lookedThrough: Shown = [],
): Check => {
  const evidence = reads.length > 0 ? reads : lookedThrough;
  const kept = reads.filter(({ isThrownAway }) => !isThrownAway);
  const bytes = kept.reduce((sum, read) => sum + (read.bytes ?? Number.NaN), 0);
  // So many bytes cannot be that text, whatever they are.
  if (bytes !== Buffer.byteLength(text) && !Number.isNaN(bytes))
    return equal(`bytes that ${who} read`, Buffer.byteLength(text), bytes, evidence);
  return equal(`${who} read`, text, textOf(reads), evidence);
};

/** Whether a call failed with this errno, or is a `success`: `returns('accept()', 'EAGAIN', call)`. */
export const returns = (what: string, expected: string, call: CallEvent | undefined): Check =>
  equal(what, expected, call && (call.returned ? (call.returned.errno ?? 'success') : 'it has not returned'), [call]);

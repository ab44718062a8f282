// What a schema has against what was read by it.
import { ZodError } from 'zod';
import { messageOf } from '../record/thrown.ts';

/** The first field a schema objected to, and why; of any other error its message. */
export const objectionOf = (thrown: unknown): string => {
  const [first] = thrown instanceof ZodError ? thrown.issues : [];
  return first ? `${first.path.join('.') || 'the whole'}: ${first.message}` : messageOf(thrown);
};

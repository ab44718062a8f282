// The words of every process and of any program, and what their arguments must be.
import type { Process, Program, WaitOptions } from '../../experiment/vocabulary.ts';
import { may, need, type Words, word } from './check.ts';
import * as kinds from './kinds.ts';

const { text } = kinds;

/** What every word that waits may be given. */
export const wait = may('options', kinds.options<WaitOptions>({ timeoutMs: kinds.interval.optional() }));

export const processWords: Words<Process> = {
  kill: word(
    may('signal', kinds.signal),
    may('options', kinds.options<{ group?: boolean }>({ group: kinds.boolean.optional() })),
  ),
  freeze: word(),
  thaw: word(),
  exited: word(wait),
};

export const programWords: Words<Omit<Program, keyof Process>> = {
  input: word(need('text', text)),
  endInput: word(),
  listening: word(
    may(
      'options',
      kinds.options<WaitOptions & { port?: number }>({
        timeoutMs: kinds.interval.optional(),
        port: kinds.port.optional(),
      }),
    ),
  ),
  output: word(need('pattern', kinds.pattern), wait),
};

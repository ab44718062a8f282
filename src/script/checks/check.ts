// Checks the arguments of a script's words when they are said: a wrong one ends the run with a sentence, and never does nothing.
import type { z } from 'zod';
import { callSite } from '../../experiment/call-site.ts';
import { RunError } from '../../experiment/run-error.ts';
import { shown } from './shown.ts';

export type Parameter = { name: string; schema: z.ZodType };
export type Word = {
  parameters: Parameter[];
  /** A word that can also do without some parameters in its middle: those for these arguments. */
  shorter?(args: unknown[]): Parameter[] | undefined;
  /** What the arguments are wrong in together, though each is right: what the word takes, and what it was given. */
  together?(...args: never[]): { takes: string; given: unknown } | undefined;
};

type Call = (...args: never[]) => unknown;
/** A word for each method of T. */
export type Words<T> = { [Key in keyof T as T[Key] extends Call ? Key : never]: Word };

export const word = (...parameters: Parameter[]): Word => ({ parameters });
export const need = (name: string, schema: z.ZodType): Parameter => ({ name, schema });
export const may = (name: string, schema: z.ZodType): Parameter => ({ name, schema: schema.optional() });

/**
 * The same object, whose methods refuse wrong arguments with a RunError that bears the line of the script. `of` begins
 * their names: `wire.`.
 */
export const checked = <T extends object>(of: string, methods: T, words: Words<NoInfer<T>>): T => {
  const guarded = Object.entries(words as Record<string, Word>).map(([name, one]) => {
    const call = (methods as Record<string, Call>)[name] as Call;
    const guard = (...args: never[]) => {
      const problem = problemWith(`${of}${name}()`, one, args);
      if (problem) throw new RunError(problem, 'ESCRIPT', callSite());
      return call(...args);
    };
    return [name, guard] as const;
  });
  return { ...methods, ...Object.fromEntries(guarded) };
};

/** One sentence: the word, the argument, what it takes and what it was given. */
export const problemWith = (name: string, one: Word, args: never[]): string | undefined => {
  const parameters = one.shorter?.(args) ?? one.parameters;
  if (args.length > parameters.length) {
    const names = parameters.map((one) => one.name).join(', ');
    const most = parameters.length === 0 ? 'no argument' : `no more than ${names}`;
    return `${name} takes ${most}, and was given ${args.map(shown).join(', ')}.`;
  }
  for (const [index, { name: argument, schema }] of parameters.entries()) {
    const issue = schema.safeParse(args[index]).error?.issues[0];
    if (issue) {
      const path = [argument, ...issue.path.map(String)].join('.');
      return `${name} takes as ${path} ${issue.message}, and was given ${shown(valueAt(args[index], issue.path))}.`;
    }
  }
  const problem = one.together?.(...args);
  return problem && `${name} takes ${problem.takes}, and was given ${shown(problem.given)}.`;
};

const valueAt = (value: unknown, path: PropertyKey[]): unknown =>
  path.reduce((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);

// setsockopt() and getsockopt(): which options there are, and which value each takes.
import { formOf, optionsOf, socketLevels } from '../../host/socket-options.ts';
import { need, type Word } from './check.ts';
import { kind, name, oneOf } from './kinds.ts';

const parameters = [need('level', oneOf(...socketLevels)), need('option', name)];

/** `before` are the parameters in front of the level. */
export const getsockoptWord = (before: Word['parameters'] = []): Word => ({
  parameters: [...before, ...parameters],
  together: (...args: unknown[]) => unknownOption(args.slice(before.length)),
});

export const setsockoptWord = (before: Word['parameters'] = []): Word => ({
  parameters: [
    ...before,
    ...parameters,
    need(
      'value',
      kind('a value', (value) => value !== undefined),
    ),
  ],
  together: (...args: unknown[]) => problemWithOption(args.slice(before.length)),
});

/** What is wrong with level, option and value. */
export const problemWithOption = (args: unknown[]) => {
  const [, option, value] = args;
  const form = formOf(String(option));
  const problem = unknownOption(args);
  if (problem) return problem;
  return fits[form](value) ? undefined : { takes: `as value of ${option} ${takes[form]}`, given: value };
};

const unknownOption = ([level, option]: unknown[]) => {
  const known = optionsOf(String(level));
  return known.includes(String(option))
    ? undefined
    : { takes: `as option of ${level} one of ${known.join(', ')}`, given: option };
};

type Form = ReturnType<typeof formOf>;

const takes: Record<Form, string> = {
  number: 'a whole number',
  linger: '{ on: true or false, seconds: a whole number from 0 }',
  text: 'a text',
  time: 'seconds from 0',
  bytes: 'no value: it can only be read',
};

const isWhole = (value: unknown, least: number) =>
  Number.isInteger(value) && Number(value) >= least && Number(value) < 2 ** 31;

const fits: Record<Form, (value: unknown) => boolean> = {
  number: (value) => isWhole(value, -(2 ** 31)),
  linger: (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const { on, seconds, ...others } = value as Record<string, unknown>;
    return typeof on === 'boolean' && isWhole(seconds, 0) && Object.keys(others).length === 0;
  },
  text: (value) => typeof value === 'string' && value !== '',
  time: (value) => typeof value === 'number' && value >= 0 && value < 2 ** 31,
  bytes: () => false,
};

// The arguments of a call in a script.

import { findOption } from '../../host/socket-options.ts';
import { itemAt } from '../../record/item-at.ts';
import { messageOf } from '../../record/thrown.ts';
import type { Expression } from './expression.ts';
import { PktError, unsupported } from './pkt-error.ts';

export type Given = ReturnType<typeof argumentsOf>;

export const argumentsOf = (name: string, given: Expression[], line: number) => {
  const wrong = (index: number, wanted: string): never => {
    throw unsupported(line, `Argument ${index + 1} of ${name}() as it is written is`, `It must be ${wanted}.`);
  };
  const at = (index: number) => itemAt(given, index);
  return {
    line,
    at,
    wrong,
    count: (...allowed: number[]) => {
      if (allowed.includes(given.length)) return;
      throw new PktError(line, `${name}() has ${given.length} arguments and takes ${allowed.join(' or ')}.`);
    },
    number: (index: number): number => {
      const one = at(index);
      return one.kind === 'number' ? one.value : wrong(index, 'a number');
    },
    any: (index: number) => (at(index).kind === 'any' ? undefined : wrong(index, '...')),
    /** Names joined by OR, each of them in the table where there is one. */
    names: (index: number, table?: Record<string, number>): string[] => {
      const one = at(index);
      if (one.kind === 'names' && table && !one.names.every((name) => Object.hasOwn(table, name)))
        return wrong(index, `one or more of ${Object.keys(table).join(', ')}`);
      if (one.kind === 'names') return one.names;
      return one.kind === 'number' && one.value === 0 ? [] : wrong(index, 'names, joined by |');
    },
  };
};

const aliases: Record<string, string> = { SOL_TCP: 'IPPROTO_TCP' };

/** The buffer of a write: filler for `...`, and as many bytes as the count says. */
export const dataOf = (given: Given): unknown => {
  const bytes = given.number(2);
  const data = given.at(1);
  if (data.kind === 'any') return { bytes };
  if (data.kind !== 'string') return given.wrong(1, '... or a string');
  return data.text.length >= bytes
    ? data.text.slice(0, bytes)
    : given.wrong(1, `as long as the count says, ${bytes} bytes`);
};

export const textOf = (given: Given): { text?: string } => {
  const buffer = given.at(1);
  if (buffer.kind === 'any') return {};
  return buffer.kind === 'string' ? { text: buffer.text } : given.wrong(1, '... or a string');
};

/** `[4]`, the room for an option: the kernel must fill it (packetdrill compares the length as well). */
export const lengthOf = (given: Given): number | undefined => {
  const length = given.at(4);
  if (length.kind === 'any') return undefined;
  const [one, ...more] = length.kind === 'list' ? length.items : [length];
  return one?.kind === 'number' && more.length === 0 ? one.value : given.wrong(4, '... or a number in brackets: [4]');
};

export const optionOf = (given: Given): [level: string, name: string, form: string] => {
  const [level = ''] = given.names(1);
  const [name = ''] = given.names(2);
  const known = Object.hasOwn(aliases, level) ? (aliases[level] as string) : level;
  if (name.includes('FASTOPEN')) throw unsupported(given.line, 'TCP fast open is');
  try {
    return [known, name, findOption(known, name).form];
  } catch (error) {
    throw new PktError(given.line, messageOf(error));
  }
};

/** `[1]`, `{onoff=1, linger=0}`, `"reno"`. */
export const optionValue = (given: Given, form: string): unknown => {
  const value = given.at(3);
  if (form === 'linger') {
    const { onoff, linger } = value.kind === 'fields' ? value.fields : {};
    if (onoff?.kind !== 'number' || linger?.kind !== 'number') return given.wrong(3, '{onoff=1, linger=0}');
    return { on: onoff.value !== 0, seconds: linger.value };
  }
  if (form === 'text') return value.kind === 'string' ? value.text : given.wrong(3, 'a string');
  const one = value.kind === 'list' ? value.items[0] : value;
  return form === 'number' && one?.kind === 'number' ? one.value : given.wrong(3, 'a number in brackets: [1]');
};

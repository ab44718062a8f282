// The arguments and results of system calls: numbers, names, strings, lists, and the structures packetdrill writes in braces.
import { unsupported } from './pkt-error.ts';
import type { Reader } from './reader.ts';

export type Expression =
  | { kind: 'any' }
  | { kind: 'number'; value: number }
  /** A name, or several joined by `|`. */
  | { kind: 'names'; names: string[] }
  | { kind: 'string'; text: string }
  | { kind: 'list'; items: Expression[] }
  /** `{onoff=1, linger=0}`, `{fd=4, events=POLLIN}` */
  | { kind: 'fields'; fields: Record<string, Expression> }
  /** `htons(8080)`, `inet_addr("192.0.2.1")` */
  | { kind: 'applied'; name: string; to: Expression };

export const parseExpression = (reader: Reader, depth = 0): Expression => {
  if (depth > deepest) throw unsupported(reader.peek().line, `Nesting deeper than ${deepest} brackets is`);
  const first = parseOne(reader, depth + 1);
  if (!reader.is('|')) return first;
  const names = [...namesOf(first, reader)];
  while (reader.skip('|')) names.push(...namesOf(parseOne(reader, depth + 1), reader));
  return { kind: 'names', names };
};

const deepest = 20;

/** `(a, b, c)` */
export const parseArguments = (reader: Reader): Expression[] => {
  reader.expect('(', 'before the arguments of the call');
  return parseUntil(reader, ')', 0);
};

const parseUntil = (reader: Reader, closing: string, depth: number): Expression[] => {
  const items: Expression[] = [];
  if (reader.skip(closing)) return items;
  do items.push(parseExpression(reader, depth));
  while (reader.skip(','));
  reader.expect(closing, 'or a comma');
  return items;
};

const namesOf = (expression: Expression, reader: Reader): string[] => {
  if (expression.kind === 'names') return expression.names;
  if (expression.kind === 'number' && expression.value === 0) return [];
  throw unsupported(reader.last().line, 'Joining anything but names by | is');
};

const parseOne = (reader: Reader, depth: number): Expression => {
  const { kind, text, line } = reader.peek();
  if (reader.skip('...')) return { kind: 'any' };
  if (kind === 'integer' || kind === 'hex') {
    reader.take();
    return { kind: 'number', value: Number(text) };
  }
  if (kind === 'string') return { kind: 'string', text: parseStrings(reader) };
  if (reader.skip('[')) return { kind: 'list', items: parseUntil(reader, ']', depth) };
  if (reader.skip('{')) return parseBraces(reader, depth);
  if (kind !== 'word') return reader.fail('an argument: a number, a name, a string, [ ], { } or ...');
  reader.take();
  if (reader.is('=')) throw unsupported(line, `${text}=… as an argument is`);
  if (!reader.skip('(')) return { kind: 'names', names: [text] };
  const to = parseExpression(reader, depth);
  reader.expect(')', `after the argument of ${text}`);
  return { kind: 'applied', name: text, to };
};

const parseStrings = (reader: Reader): string => {
  let text = '';
  while (reader.peek().kind === 'string') text += withoutEscapes(reader.take().text);
  return text;
};

const withoutEscapes = (text: string) =>
  text.replaceAll(/\\(x[0-9a-fA-F]{2}|[\s\S])/g, (_all, escaped: string) => {
    if (escaped.startsWith('x') && escaped.length === 3)
      return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return { n: '\n', r: '\r', t: '\t', '0': '\0' }[escaped] ?? escaped;
  });

const parseBraces = (reader: Reader, depth: number): Expression => {
  if (reader.peek().kind !== 'word' || !reader.is('=', 1))
    return { kind: 'list', items: parseUntil(reader, '}', depth) };
  const fields: Record<string, Expression> = {};
  do {
    const { text } = reader.kind('word', 'the name of a field');
    reader.expect('=', `after ${text}`);
    fields[text] = parseExpression(reader, depth);
  } while (reader.skip(','));
  reader.expect('}', 'after the fields');
  return { kind: 'fields', fields };
};

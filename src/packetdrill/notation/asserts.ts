// Code in %{ }%. packetdrill hands it to Python; here it may only assert something of TCP_INFO:
// `assert tcpi_state == TCP_CLOSE_WAIT and tcpi_unacked < 2, tcpi_unacked`. It is computed, never run.
import { unsupported } from './pkt-error.ts';
import { tcpInfoConstants, tcpInfoNames } from './tcp-info.ts';

/** A condition, and as it is written. */
export type Assertion = { text: string; condition: Node };

type Node =
  | { kind: 'number'; value: number }
  | { kind: 'name'; name: string }
  | { kind: 'not' | 'negate'; of: Node }
  | { kind: 'chain'; first: Node; rest: [operator: string, node: Node][] };

/** Throws PktError for anything but assertions in names of TCP_INFO, numbers, comparisons, + - * / % & | and or not. */
export const parseAssertions = (code: string, line: number): Assertion[] => {
  const statements = code.split('\n').flatMap((one, index) =>
    one
      .replace(/#.*$/, '')
      .split(';')
      .map((text) => ({ text: text.trim(), line: line + index })),
  );
  return statements.flatMap((one) => (one.text === '' ? [] : [parseStatement(one.text, one.line)]));
};

/**
 * Whether it is true. Names that TCP_INFO of this kernel does not have are undefined in `info`: then it is not decided,
 * and this throws.
 */
export const evaluate = (node: Node, info: Record<string, number>): number => {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'name': {
      const value = tcpInfoConstants[node.name] ?? info[node.name];
      if (value === undefined) throw new Error(`TCP_INFO of this kernel has no ${node.name}`);
      return value;
    }
    case 'not':
      return evaluate(node.of, info) === 0 ? 1 : 0;
    case 'negate':
      return -evaluate(node.of, info);
    case 'chain':
      return evaluateChain(node, info);
  }
};

/** The values the names in a condition have, to tell what was found. */
export const valuesIn = (node: Node, info: Record<string, number>): string => {
  const names = new Set<string>();
  const visit = (one: Node): void => {
    if (one.kind === 'name' && !(one.name in tcpInfoConstants)) names.add(one.name);
    if (one.kind === 'not' || one.kind === 'negate') visit(one.of);
    if (one.kind === 'chain') [one.first, ...one.rest.map(([, operand]) => operand)].forEach(visit);
  };
  visit(node);
  return [...names].map((name) => `${name} = ${wordsFor(name, info[name])}`).join(', ');
};

const wordsFor = (name: string, value: number | undefined) => {
  const state =
    name === 'tcpi_state'
      ? Object.entries(tcpInfoConstants).find(
          ([constant, number]) => number === value && /^TCP_[A-Z]/.test(constant) && !constant.startsWith('TCP_CA'),
        )?.[0]
      : undefined;
  return state ?? value ?? 'not in TCP_INFO';
};

const parseStatement = (text: string, line: number): Assertion => {
  const refuse = () =>
    unsupported(
      line,
      `The code ${JSON.stringify(text)} is`,
      'Only assertions about TCP_INFO are: assert tcpi_state == TCP_ESTABLISHED.',
    );
  const [, body] = /^assert\b\s*(.+)$/s.exec(text) ?? [];
  if (!body) throw refuse();
  if (body.length > longest) throw refuse();
  const words = [
    ...body.matchAll(/\s*([A-Za-z_]\w*|0x[0-9a-fA-F]+|\d+(?:\.\d+)?|[=!<>]=|\*\*|\/\/|"[^"]*"|'[^']*'|\S)/g),
  ].map(([, word]) => word as string);
  const parser = createParser(words, refuse);
  const condition = parser.condition();
  parser.ends();
  return { text: `assert ${parser.taken()}`, condition };
};

/** Keeps the nesting of brackets within what the stack holds. */
const longest = 1000;
const names = tcpInfoNames();
const levels = [['or'], ['and'], ['==', '!=', '<', '<=', '>', '>='], ['|'], ['&'], ['+', '-'], ['*', '/', '%', '//']];
const comparisons = 2;

const createParser = (words: string[], refuse: () => Error) => {
  let next = 0;
  const level = (depth: number): Node => {
    if (depth === levels.length) return operand();
    if (depth === comparisons && words[next] === 'not') {
      next++;
      return { kind: 'not', of: level(depth) };
    }
    const first = level(depth + 1);
    const rest: [string, Node][] = [];
    for (
      let operator = words[next];
      operator !== undefined && levels[depth]?.includes(operator);
      operator = words[next]
    ) {
      next++;
      rest.push([operator, level(depth + 1)]);
    }
    return rest.length === 0 ? first : { kind: 'chain', first, rest };
  };
  const operand = (): Node => {
    const word = words[next++];
    if (word === undefined) throw refuse();
    if (word === '(') {
      const inner = level(0);
      if (words[next++] !== ')') throw refuse();
      return inner;
    }
    if (word === '-') return { kind: 'negate', of: operand() };
    if (/^\d|^0x/.test(word)) return { kind: 'number', value: Number(word) };
    if (names.has(word) || Object.hasOwn(tcpInfoConstants, word)) return { kind: 'name', name: word };
    throw refuse();
  };
  let end = words.length;
  return {
    condition: () => level(0),
    /** Behind a comma stands what Python would print when the assertion fails. */
    ends: () => {
      end = next;
      if (next < words.length && words[next] !== ',') throw refuse();
    },
    taken: () => words.slice(0, end).join(' '),
  };
};

const evaluateChain = ({ first, rest }: Extract<Node, { kind: 'chain' }>, info: Record<string, number>): number => {
  let left = evaluate(first, info);
  const [[operator] = ['']] = rest;
  if (operator === 'or') return left !== 0 || rest.some(([, node]) => evaluate(node, info) !== 0) ? 1 : 0;
  if (operator === 'and') return left !== 0 && rest.every(([, node]) => evaluate(node, info) !== 0) ? 1 : 0;
  if (levels[comparisons]?.includes(operator)) {
    // a < b < c holds when both hold.
    for (const [sign, node] of rest) {
      const right = evaluate(node, info);
      if (!compare(sign, left, right)) return 0;
      left = right;
    }
    return 1;
  }
  for (const [sign, node] of rest) left = compute(sign, left, evaluate(node, info));
  return left;
};

const compare = (sign: string, left: number, right: number): boolean =>
  ({
    '==': left === right,
    '!=': left !== right,
    '<': left < right,
    '<=': left <= right,
    '>': left > right,
    '>=': left >= right,
  })[sign] ?? false;

const compute = (sign: string, left: number, right: number): number =>
  ({
    '+': left + right,
    '-': left - right,
    '*': left * right,
    '/': left / right,
    '%': left % right,
    '//': Math.floor(left / right),
    '&': left & right,
    '|': left | right,
  })[sign] ?? Number.NaN;

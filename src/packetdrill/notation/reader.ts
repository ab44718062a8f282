// Reads tokens one after the other and says what was expected where they do not fit.
import { itemAt } from '../../record/item-at.ts';
import { PktError } from './pkt-error.ts';
import type { Token, TokenKind } from './tokens.ts';

export type Reader = ReturnType<typeof createReader>;

export const createReader = (tokens: Token[]) => {
  let next = 0;
  const peek = (ahead = 0): Token => itemAt(tokens, Math.min(next + ahead, tokens.length - 1));
  const take = (): Token => {
    const token = peek();
    if (token.kind !== 'end') next++;
    return token;
  };
  const is = (text: string, ahead = 0) => {
    const { kind, text: found } = peek(ahead);
    return found === text && (kind === 'sign' || kind === 'word' || kind === 'ellipsis');
  };
  const fail = (expected: string): never => {
    const { line, text, kind } = peek();
    throw new PktError(line, `Expected ${expected} and found ${kind === 'end' ? text : JSON.stringify(text)}.`);
  };
  const number = (what: string, low: number, high: number): number => {
    if (peek().kind !== 'integer') fail(what);
    const { text, line } = take();
    const value = Number(text);
    if (value < low || value > high)
      throw new PktError(line, `${what} is ${text}, and must lie between ${low} and ${high}.`);
    return value;
  };
  return {
    peek,
    take,
    is,
    fail,
    number,
    /** The token just taken. */
    last: (): Token => itemAt(tokens, Math.max(0, next - 1)),
    /** Take the token if it is this sign or word. */
    skip: (text: string): boolean => {
      if (!is(text)) return false;
      take();
      return true;
    },
    expect: (text: string, where: string): Token => (is(text) ? take() : fail(`"${text}" ${where}`)),
    kind: (kind: TokenKind, what: string): Token => (peek().kind === kind ? take() : fail(what)),
  };
};

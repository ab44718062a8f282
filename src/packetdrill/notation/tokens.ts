// The words of a packetdrill script, each with its line. Line breaks mean nothing to the language: an event may go over
// several lines.
import { PktError } from './pkt-error.ts';

export type TokenKind =
  | 'ellipsis'
  | 'option'
  | 'float'
  | 'integer'
  | 'hex'
  | 'word'
  | 'string'
  | 'command'
  | 'code'
  | 'address'
  | 'sign'
  | 'end';

export type Token = {
  kind: TokenKind;
  /** As it stands in the script; strings, commands and code without their marks. */
  text: string;
  line: number;
  /** Where it begins and ends in the script. */
  begin: number;
  end: number;
};

/** Split a script into tokens; the last is an `end`. Throws PktError at a character that begins none. */
export const tokenize = (script: string): Token[] => {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  while (at < script.length) {
    const rest = script.slice(at, at + 1) === '#' && !startsLine(script, at) ? [] : patterns;
    const found = longest(script, at, rest);
    if (!found) {
      const unclosed = openings.find(([opening]) => script.startsWith(opening, at));
      throw new PktError(
        line,
        unclosed
          ? `${unclosed[1]} begins here and never ends.`
          : `The character ${JSON.stringify(script[at])} begins nothing.`,
      );
    }
    const { kind, text } = found;
    if (kind !== 'skip') tokens.push({ kind, text: bare(kind, text), line, begin: at, end: at + text.length });
    line += text.split('\n').length - 1;
    at += text.length;
  }
  tokens.push({ kind: 'end', text: 'the end of the script', line, begin: at, end: at });
  return tokens;
};

/** In the order in which the first of equally long ones wins. */
const patterns: [TokenKind | 'skip', RegExp][] = [
  ['skip', /\s+/y],
  ['skip', /\/\/[^\n]*/y],
  ['skip', /#[^\n]*/y],
  ['skip', /\/\*[\s\S]*?\*\//y],
  ['code', /%\{[\s\S]*?\}%/y],
  ['ellipsis', /\.\.\./y],
  ['option', /--[a-zA-Z0-9_]+/y],
  ['address', /\d+\.\d+\.\d+\.\d+/y],
  ['float', /-?\d*\.\d+/y],
  ['integer', /-?\d+/y],
  ['hex', /0x[0-9a-fA-F]+/y],
  ['word', /[a-zA-Z0-9_]+/y],
  ['string', /"(?:\\[\s\S]|[^"\\])*"/y],
  ['command', /`(?:\\[\s\S]|[^`\\])*`/y],
  ['sign', /[-+*~.,:;()[\]{}<>=|!]/y],
];

const openings: [string, string][] = [
  ['"', 'A string'],
  ['`', 'A command'],
  ['/*', 'A comment'],
  ['%{', 'A piece of code'],
];

const longest = (script: string, at: number, among: typeof patterns) => {
  let best: { kind: TokenKind | 'skip'; text: string } | undefined;
  for (const [kind, pattern] of among) {
    pattern.lastIndex = at;
    const text = pattern.exec(script)?.[0];
    if (text && text.length > (best?.text.length ?? 0)) best = { kind, text };
  }
  return best;
};

/** `#` is no comment in packetdrill's own lexer; its scripts use it at the start of a line all the same. */
const startsLine = (script: string, at: number) =>
  /(^|\n)[ \t]*$/.test(script.slice(script.lastIndexOf('\n', at - 1) + 1, at)) || at === 0;

const bare = (kind: TokenKind | 'skip', text: string): string => {
  if (kind === 'string' || kind === 'command') return text.slice(1, -1);
  return kind === 'code' ? text.slice(2, -2) : text;
};

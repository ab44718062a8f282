// Text on a grid: what it occupies, filled to a width, broken at a width. Colours take no columns.
import { stripVTControlCharacters } from 'node:util';

/** Columns a text occupies. The report uses no wide characters. */
export const columns = (text: string): number => [...stripVTControlCharacters(text)].length;

/** Columns the longest of the texts occupies. */
export const widest = (texts: string[]): number => texts.reduce((most, text) => Math.max(most, columns(text)), 0);

export const fill = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)));

export const fillLeft = (text: string, width: number): string => ' '.repeat(Math.max(0, width - columns(text))) + text;

/** Shorten unpainted text to a width, its end replaced by `mark`. */
export const cut = (text: string, width: number, mark: string): string => {
  const characters = [...text];
  return characters.length <= width ? text : characters.slice(0, Math.max(0, width - columns(mark))).join('') + mark;
};

/** Break unpainted text at spaces; a word longer than the width is broken inside. */
export const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (columns(longer) <= width) {
        line = longer;
        continue;
      }
      if (line !== '') lines.push(line);
      line = word;
      while (columns(line) > width) {
        const end = breakAt(line, Math.max(1, width));
        lines.push([...line].slice(0, end).join(''));
        line = [...line].slice(end).join('');
      }
    }
    lines.push(line);
  }
  return lines;
};

/**
 * Break a call after a comma or a name, before its result or a quotation, and else after its bracket; further lines are
 * set in.
 */
export const wrapCall = (text: string, width: number): string[] => {
  const lines: string[] = [];
  const add = (part: string) => {
    const indent = lines.length === 0 ? '' : '  ';
    const last = lines.at(-1);
    if (last !== undefined && columns((last + part).trimEnd()) <= width) lines[lines.length - 1] = last + part;
    else if (columns(indent + part.trim()) <= width) lines.push(indent + part.trimStart());
    else
      lines.push(
        ...wrap(part.trim(), width - 2).map((words, nth) => (lines.length + nth === 0 ? words : `  ${words}`)),
      );
  };
  for (const part of text.split(/(?<=, )|(?<=: )|(?= = )|(?= ")/)) {
    if (columns(part.trim()) + 2 <= width) add(part);
    else part.split(/(?<=\()(?!\))/).forEach(add);
  }
  return lines.map((line) => line.trimEnd());
};

/** Within a long word a bracket, comma or slash is a better place to break than the exact width. */
const breakAt = (word: string, width: number): number => {
  const end = Math.max(...['(', ',', '/', '.', '_'].map((mark) => [...word].slice(0, width).lastIndexOf(mark))) + 1;
  return end > width / 3 ? end : width;
};

/** Make control characters visible, so that what a program printed cannot move the cursor. */
export const visible = (text: string): string =>
  text.replace(
    /\p{Cc}/gu,
    (character) => escapes[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );

const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0' };

/** `a`, `a and b`, `a, b and c`. */
export const listed = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

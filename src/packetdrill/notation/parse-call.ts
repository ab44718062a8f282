// A system call with what it must return: `read(4, ..., 1000) = -1 EAGAIN (Resource temporarily unavailable)`.
import { constants } from 'node:os';
import { understandCall } from './calls.ts';
import { parseArguments, parseExpression } from './expression.ts';
import { PktError, unsupported } from './pkt-error.ts';
import type { Reader } from './reader.ts';
import type { PktCall } from './script.ts';

export const parseCall = (reader: Reader): PktCall => {
  const { text: name, line } = reader.kind('word', 'the name of a system call');
  const given = parseArguments(reader);
  reader.expect('=', `and what ${name}() returns`);
  const result = parseExpression(reader);
  if (result.kind !== 'number' && result.kind !== 'any')
    throw unsupported(line, `What ${name}() is to return must be a number or ...: anything else is`);
  const errno = reader.peek().kind === 'word' ? parseErrno(reader, line) : undefined;
  skipNote(reader);
  const call = understandCall(name, given, result.kind === 'number' ? result.value : undefined, line);
  return { ...call, ...(result.kind === 'number' && { value: result.value }), ...(errno !== undefined && { errno }) };
};

const parseErrno = (reader: Reader, line: number): string => {
  const { text } = reader.take();
  if (!Object.hasOwn(constants.errno, text)) throw new PktError(line, `${text} is not the name of an error number.`);
  return text === 'EWOULDBLOCK' ? 'EAGAIN' : text;
};

/** `(Connection reset by peer)`, which is for the reader of the script. */
const skipNote = (reader: Reader) => {
  if (!reader.skip('(')) return;
  let depth = 1;
  while (depth > 0) {
    if (reader.peek().kind === 'end') reader.fail('")" after the note');
    const { text, kind } = reader.take();
    if (kind === 'sign' && text === '(') depth++;
    if (kind === 'sign' && text === ')') depth--;
  }
};

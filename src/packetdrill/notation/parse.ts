// Reads a packetdrill script. Whatever is not supported is refused with its line: nothing is skipped.
import { parseAssertions } from './asserts.ts';
import { parseCommand, type Setting } from './commands.ts';
import { parseCall } from './parse-call.ts';
import { parseOptions } from './parse-options.ts';
import { parseSegment } from './parse-segment.ts';
import { PktError } from './pkt-error.ts';
import { createReader, type Reader } from './reader.ts';
import type { PktAction, PktLine, PktScript, PktTime } from './script.ts';
import { tokenize } from './tokens.ts';

/** Read a script. Throws PktError, which bears the line, for everything it cannot play. */
export const parseScript = (text: string, file: string): PktScript => {
  const reader = createReader(tokenize(text));
  const options = parseOptions(reader);
  const lines: PktLine[] = [];
  if (reader.peek().kind === 'command') lines.push(untimedCommand(reader));
  while (reader.peek().kind !== 'end') {
    if (reader.peek().kind === 'command') {
      lines.push(untimedCommand(reader));
      if (reader.peek().kind !== 'end') reader.fail('the end of the script after the command that cleans up');
      break;
    }
    lines.push(timedEvent(reader, text));
  }
  checkTimes(lines);
  return { file, text, options, lines };
};

/** A command before the first event, or the one that cleans up after the last. */
const untimedCommand = (reader: Reader): PktLine => {
  const { line, text } = reader.take();
  return {
    line,
    text: `\`${text}\``,
    time: { kind: 'relative', at: 0 },
    action: 'settings',
    settings: settingsOf(text, line),
  };
};

const settingsOf = (text: string, line: number): Setting[] => parseCommand(text, line);

const timedEvent = (reader: Reader, script: string): PktLine => {
  const { line, begin } = reader.peek();
  const time = parseTime(reader);
  const action = parseAction(reader);
  const { end } = reader.last();
  const outbound = action.action === 'outbound';
  if (time.kind === 'any' && !outbound)
    throw new PktError(line, 'The time * is for segments the kernel sends (>) only.');
  if (time.kind !== 'any' && time.until !== undefined) {
    if (!outbound) throw new PktError(line, 'A time with ~ is for segments the kernel sends (>) only.');
    if (time.until < time.at) throw new PktError(line, `The time goes backwards, from ${time.at} to ${time.until}.`);
  }
  return { line, text: script.slice(begin, end).replaceAll(/\s+/g, ' '), time, ...action };
};

/** `0.1`, `+.01`, `*`, `0.1~0.2`, `+0~+.04`. */
const parseTime = (reader: Reader): PktTime => {
  if (reader.skip('*')) return { kind: 'any' };
  const relative = reader.skip('+');
  const at = seconds(reader);
  const kind = relative ? 'relative' : 'absolute';
  if (!reader.skip('~')) return { kind, at };
  if (relative) reader.expect('+', 'before the end of a relative range of time');
  return { kind, at, until: seconds(reader) };
};

const seconds = (reader: Reader): number => {
  const { kind, text, line } = reader.peek();
  if (kind !== 'float' && kind !== 'integer') reader.fail('a time in seconds (0.1, +.1, 0.1~0.2 or *) before an event');
  reader.take();
  if (text.startsWith('-')) throw new PktError(line, `The time ${text} is negative.`);
  return Number(text);
};

const parseAction = (reader: Reader): PktAction => {
  const { kind, text, line } = reader.peek();
  if (reader.skip('<')) return { action: 'inbound', segment: parseSegment(reader, 'inbound') };
  if (reader.skip('>')) return { action: 'outbound', segment: parseSegment(reader, 'outbound') };
  if (kind === 'command') {
    reader.take();
    return { action: 'settings', settings: settingsOf(text, line) };
  }
  if (kind === 'code') {
    reader.take();
    return { action: 'assert', assertions: parseAssertions(text, line) };
  }
  if (kind === 'ellipsis' || kind === 'word') {
    const returnsAt = reader.skip('...') ? seconds(reader) : undefined;
    return { action: 'call', call: { ...parseCall(reader), ...(returnsAt !== undefined && { returnsAt }) } };
  }
  return reader.fail('a segment (< or >), a system call, a command in backticks or code in %{ }%');
};

const checkTimes = (lines: PktLine[]) => {
  const timed = lines.filter(({ text }) => !text.startsWith('`'));
  const [first] = timed;
  if (!first) throw new PktError(lines.at(-1)?.line ?? 1, 'The script has no event.');
  if (first.time.kind === 'any' || first.time.at !== 0)
    throw new PktError(first.line, 'The first event must stand at time 0.');
  let previous: PktLine | undefined;
  for (const line of timed) {
    if (previous?.time.kind === 'absolute' && line.time.kind === 'absolute' && line.time.at < previous.time.at) {
      throw new PktError(line.line, `The time goes backwards, from ${previous.time.at} to ${line.time.at}.`);
    }
    previous = line;
  }
};

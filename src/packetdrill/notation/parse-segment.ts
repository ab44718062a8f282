// A segment as packetdrill writes it: `S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,nop,nop,nop,wscale 7>`.

import { flagLetters, parseFlags } from '../../packet/flags.ts';
import { encodeOptions, type TcpOption } from '../../packet/options.ts';
import { messageOf } from '../../record/thrown.ts';
import { PktError, unsupported } from './pkt-error.ts';
import type { Reader } from './reader.ts';
import type { PktSegment } from './script.ts';

const maximum32 = 0xffff_ffff;

export const parseSegment = (reader: Reader, direction: 'inbound' | 'outbound'): PktSegment => {
  const { line } = reader.peek();
  const marks = parseMarks(reader, direction);
  refuseOthers(reader);
  const flags = parseFlagWord(reader);
  const { seq, length } = parseSequence(reader);
  const ack = reader.skip('ack') ? reader.number('The ack number', 0, maximum32) : 0;
  const window = reader.skip('win') ? reader.number('The window', 0, 65_535) : undefined;
  const urgent = reader.skip('urg') ? reader.number('The urgent pointer', 0, 65_535) : 0;
  const options = parseOptionList(reader);
  if (reader.is('{')) throw unsupported(line, 'Mutation of a segment ({ mut … }) is');
  if (direction === 'inbound' && window === undefined)
    throw new PktError(line, 'A segment to inject (<) must name its window: win 257.');
  if (direction === 'inbound' && !options)
    throw new PktError(line, 'Options left open (<...>) are for segments the kernel sends (>) only.');
  if (direction === 'outbound' && urgent > 0)
    throw unsupported(line, 'The urgent pointer of a segment the kernel sends is');
  return {
    flags,
    seq,
    length,
    ack,
    urgent,
    ...(window !== undefined && { window }),
    ...(options && { options }),
    ...marks,
  };
};

/** `[ect0]`, `(ce)`, `[tos 0x10]`, `[ttl 5]` before the flags. */
const parseMarks = (reader: Reader, direction: 'inbound' | 'outbound'): { tos?: number; ttl?: number } => {
  const closing = reader.is('[') ? ']' : reader.is('(') ? ')' : undefined;
  if (!closing) return {};
  const { line } = reader.take();
  if (direction === 'outbound')
    throw unsupported(line, 'Looking at the IP header of a segment the kernel sends (ECN, TOS, TTL) is');
  const { text } = reader.kind('word', 'ect0, ect1, ce, noecn, tos or ttl');
  let marks: { tos?: number; ttl?: number };
  if (Object.hasOwn(ecn, text)) marks = { tos: ecn[text] };
  else if (text === 'tos') marks = { tos: Number(reader.kind('hex', 'a hexadecimal number after tos').text) & 0xff };
  else if (text === 'ttl') marks = { ttl: reader.number('The TTL', 1, 255) };
  else throw unsupported(line, `The mark ${text} is`);
  reader.expect(closing, 'after the mark');
  return marks;
};

const ecn: Record<string, number> = { noecn: 0, ect1: 1, ect0: 2, ce: 3 };

const refuseOthers = (reader: Reader) => {
  const { text, line, kind } = reader.peek();
  const next = reader.peek(1);
  if (['udp', 'icmp', 'ipv4', 'ipv6', 'gre', 'GREv0', 'mpls', 'raw'].includes(text)) {
    throw unsupported(line, `${text} packets are`, 'The wire carries TCP over IPv4.');
  }
  if (kind === 'integer' && next.text === '>')
    throw unsupported(line, 'Ports in a segment are', 'There is one connection in a script.');
};

const parseFlagWord = (reader: Reader): string => {
  const { text, line, kind } = reader.peek();
  if (reader.skip('-')) return '';
  if (reader.skip('.')) return '.';
  if (kind === 'float' || reader.peek(1).kind === 'float')
    throw unsupported(line, 'An ACE count among the flags (accurate ECN) is');
  if (kind !== 'word') reader.fail('the flags of a segment, such as S, S., P., F. or .');
  reader.take();
  if (/[A0-7]/.test(text)) throw unsupported(line, `Accurate ECN, in the flags ${text}, is`);
  try {
    return flagLetters(parseFlags(`${text}${reader.skip('.') ? '.' : ''}`));
  } catch {
    throw new PktError(line, `${text} names no flags: packetdrill's letters are F S R P E W U and the dot for ACK.`);
  }
};

/** `1:1001(1000)`; `1(1000)` says the same. */
const parseSequence = (reader: Reader): { seq: number; length: number } => {
  const { line } = reader.peek();
  const seq = reader.number('The sequence number', 0, maximum32);
  const end = reader.skip(':') ? reader.number('The end of the sequence numbers', 0, maximum32) : undefined;
  reader.expect('(', 'before the length of the payload');
  const length = reader.number('The length of the payload', 0, 65_535);
  reader.expect(')', 'after the length of the payload');
  if (end !== undefined && end !== seq + length)
    throw new PktError(line, `${seq}:${end}(${length}) does not add up: ${seq} and ${length} make ${seq + length}.`);
  return { seq, length };
};

/** Undefined for `<...>`; an empty list where there is none. */
const parseOptionList = (reader: Reader): TcpOption[] | undefined => {
  if (!reader.is('<') || !startsOptions(reader)) return [];
  const { line } = reader.take();
  if (reader.skip('...')) {
    reader.expect('>', 'after the options');
    return undefined;
  }
  const options: TcpOption[] = [];
  do options.push(parseOption(reader));
  while (reader.skip(','));
  reader.expect('>', 'after the options');
  const length = optionLength(options, line);
  if (length % 4 !== 0)
    throw new PktError(line, `The options take ${length} bytes: fill them up to a multiple of 4 with nop.`);
  return options;
};

/** After a segment the next event may begin with `<` only behind a time: a `<` here opens the options. */
const startsOptions = (reader: Reader) => ['word', 'ellipsis'].includes(reader.peek(1).kind);

const optionLength = (options: TcpOption[], line: number): number => {
  const exact = options.reduce(
    (sum, option) => sum + (option.name === 'raw' ? option.data.length : lengthOf(option)),
    0,
  );
  try {
    encodeOptions(options);
  } catch (error) {
    throw new PktError(line, `${messageOf(error)}.`);
  }
  return exact;
};

const lengthOf = (option: TcpOption): number => {
  const lengths = { nop: 1, mss: 4, windowScale: 3, sackPermitted: 2, timestamps: 10 };
  if (option.name === 'sack') return 2 + option.blocks.length * 8;
  return lengths[option.name as keyof typeof lengths];
};

const parseOption = (reader: Reader): TcpOption => {
  const { text, line } = reader.kind('word', 'a TCP option: mss, sackOK, nop, wscale, TS, sack or eol');
  switch (text) {
    case 'nop':
      return { name: 'nop' };
    case 'eol':
      return { name: 'raw', data: Uint8Array.of(0) };
    case 'mss':
      return { name: 'mss', value: reader.number('The MSS', 0, 65_535) };
    case 'wscale':
      return { name: 'windowScale', shift: reader.number('The window scale', 0, 255) };
    case 'sackOK':
      return { name: 'sackPermitted' };
    case 'sack':
      return { name: 'sack', blocks: parseBlocks(reader) };
    case 'TS':
      return parseTimestamps(reader);
    case 'FO':
    case 'FOEXP':
      throw unsupported(line, 'TCP fast open is');
    default:
      throw unsupported(line, `The TCP option ${text} is`, 'Known are mss, sackOK, nop, wscale, TS, sack and eol.');
  }
};

const parseBlocks = (reader: Reader): [number, number][] => {
  const blocks: [number, number][] = [];
  do {
    const left = reader.number('The left edge of a SACK block', 0, maximum32);
    reader.expect(':', 'between the edges of a SACK block');
    blocks.push([left, reader.number('The right edge of a SACK block', 0, maximum32)]);
  } while (reader.peek().kind === 'integer');
  return blocks;
};

const parseTimestamps = (reader: Reader): TcpOption => {
  reader.expect('val', 'after TS');
  const value = reader.number('The timestamp', 0, maximum32);
  reader.expect('ecr', 'after the timestamp');
  return { name: 'timestamps', value, echo: reader.number('The echoed timestamp', 0, maximum32) };
};

// What each system call of a script asks of the real side: the call of a raw process, with the script's descriptors
// still to be replaced.
import { messageFlags, pollEvents } from '../host/raw/constants.ts';
import { findOption } from '../host/socket-options.ts';
import { addressOf } from '../record/hosts.ts';
import type { Expression } from './expression.ts';
import { PktError, unsupported } from './pkt-error.ts';

/** The call of a raw process. `fd` is the script's number of the descriptor it is made on, and comes before `args`. */
export type SocketCall = {
  api: string;
  fd?: number;
  args: unknown[];
  /** The call makes a descriptor, which the script knows by the number it expects. */
  makes?: true;
  /** The address is the lab's: the player fills in the port. */
  port?: 'bind' | 'connect';
  /** What an output argument must hold: a getsockopt's value, the revents of a poll. */
  option?: unknown;
  /** The bytes a getsockopt is given room for, and must fill. */
  length?: number;
  /** What read() must bring. */
  text?: string;
};

/** Throws PktError for calls, arguments and options that are not supported. */
export const understandCall = (
  name: string,
  given: Expression[],
  value: number | undefined,
  line: number,
): SocketCall => {
  const call = Object.hasOwn(calls, name) ? calls[name] : undefined;
  if (!call) throw unsupported(line, `The system call ${name}() is`, `Known are ${Object.keys(calls).join(', ')}.`);
  return call(argumentsOf(name, given, line), value);
};

type Given = ReturnType<typeof argumentsOf>;

const argumentsOf = (name: string, given: Expression[], line: number) => {
  const wrong = (index: number, wanted: string): never => {
    throw unsupported(line, `Argument ${index + 1} of ${name}() as it is written is`, `It must be ${wanted}.`);
  };
  const at = (index: number) => given[index] as Expression;
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

const calls: Record<string, (given: Given, value: number | undefined) => SocketCall> = {
  socket: (given) => {
    given.count(3);
    const [type, ...more] = given.names(1);
    const domain = given.at(0);
    const isInternet = domain.kind === 'any' || (domain.kind === 'names' && domain.names.join() === 'AF_INET');
    if (!isInternet) given.wrong(0, '... or AF_INET: the lab speaks IPv4');
    if (type !== 'SOCK_STREAM' || more.some((one) => one !== 'SOCK_NONBLOCK'))
      given.wrong(1, 'SOCK_STREAM: the wire carries TCP');
    const protocol = given.at(2);
    const isTcp = protocol.kind === 'any' || (protocol.kind === 'number' && [0, 6].includes(protocol.value));
    if (!isTcp && !(protocol.kind === 'names' && protocol.names.join() === 'IPPROTO_TCP'))
      given.wrong(2, 'IPPROTO_TCP');
    return { api: 'socket', args: ['AF_INET', ['SOCK_STREAM', ...more].join('|')], makes: true };
  },
  bind: (given) => addressed('bind', given),
  connect: (given) => addressed('connect', given),
  listen: (given) => {
    given.count(2);
    return { api: 'listen', fd: given.number(0), args: [given.number(1)] };
  },
  accept: (given) => {
    given.count(3);
    return { api: 'accept', fd: given.number(0), args: [], makes: true };
  },
  read: (given) => {
    given.count(3);
    return { api: 'read', fd: given.number(0), args: [given.number(2)], ...textOf(given) };
  },
  recv: (given) => {
    given.count(4);
    return {
      api: 'recv',
      fd: given.number(0),
      args: [given.number(2), given.names(3, messageFlags)],
      ...textOf(given),
    };
  },
  recvfrom: (given) => {
    given.count(6);
    given.any(4);
    given.any(5);
    return {
      api: 'recv',
      fd: given.number(0),
      args: [given.number(2), given.names(3, messageFlags)],
      ...textOf(given),
    };
  },
  write: (given) => {
    given.count(3);
    return { api: 'write', fd: given.number(0), args: [dataOf(given)] };
  },
  send: (given) => {
    given.count(4);
    return { api: 'send', fd: given.number(0), args: [dataOf(given), sendFlags(given)] };
  },
  sendto: (given) => {
    given.count(6);
    given.any(4);
    if (given.at(5).kind !== 'any') given.number(5);
    return { api: 'send', fd: given.number(0), args: [dataOf(given), sendFlags(given)] };
  },
  close: (given) => {
    given.count(1);
    return { api: 'close', fd: given.number(0), args: [] };
  },
  shutdown: (given) => {
    given.count(2);
    const [how = '', ...more] = given.names(1);
    if (more.length > 0 || !['SHUT_RD', 'SHUT_WR', 'SHUT_RDWR'].includes(how))
      given.wrong(1, 'SHUT_RD, SHUT_WR or SHUT_RDWR');
    return { api: 'shutdown', fd: given.number(0), args: [how] };
  },
  dup: (given) => {
    given.count(1);
    return { api: 'dup', fd: given.number(0), args: [], makes: true };
  },
  setsockopt: (given) => {
    given.count(5);
    const [level, name, form] = optionOf(given);
    return { api: 'setsockopt', fd: given.number(0), args: [level, name, optionValue(given, form)] };
  },
  getsockopt: (given) => {
    given.count(5);
    const [level, name, form] = optionOf(given);
    const wanted = given.at(3);
    if (wanted.kind !== 'any' && form === 'bytes') given.wrong(3, `...: what ${name} holds is asserted in %{ }%`);
    const length = lengthOf(given);
    return {
      api: 'getsockopt',
      fd: given.number(0),
      args: length === undefined ? [level, name] : [level, name, length],
      ...(length !== undefined && { length }),
      ...(wanted.kind !== 'any' && { option: optionValue(given, form) }),
    };
  },
  fcntl: (given) => {
    given.count(2, 3);
    const [command] = given.names(1);
    if (command === 'F_GETFL') return { api: 'fcntl', fd: given.number(0), args: ['F_GETFL'] };
    if (command !== 'F_SETFL') given.wrong(1, 'F_GETFL or F_SETFL');
    given.count(3);
    const flags = given.names(2);
    if (flags.some((flag) => !['O_RDWR', 'O_NONBLOCK'].includes(flag))) given.wrong(2, 'O_RDWR, O_NONBLOCK or both');
    return { api: 'nonblock', fd: given.number(0), args: [flags.includes('O_NONBLOCK')] };
  },
  poll: (given) => {
    given.count(3);
    const list = given.at(0);
    const [one, ...more] = list.kind === 'list' ? list.items : [];
    if (one?.kind !== 'fields' || more.length > 0 || given.number(1) !== 1)
      return given.wrong(0, 'one entry, [{fd=4, events=POLLIN, revents=POLLIN}]');
    const { fd, events, revents } = one.fields;
    if (fd?.kind !== 'number' || events?.kind !== 'names') return given.wrong(0, 'an entry with fd and events');
    const expected =
      revents === undefined || revents.kind === 'number' ? [] : revents.kind === 'names' ? revents.names : undefined;
    const known = Object.keys(pollEvents);
    if (!expected || ![...events.names, ...expected].every((name) => known.includes(name)))
      return given.wrong(0, `an entry whose events and revents are among ${known.join(', ')}`);
    const ready = known.filter((name) => expected.includes(name));
    return { api: 'poll', fd: fd.value, args: [events.names.join('|'), given.number(2)], option: ready };
  },
};

/** bind() and connect(): `...` stands for the lab's address and a port the player chooses. */
const addressed = (api: 'bind' | 'connect', given: Given): SocketCall => {
  given.count(3);
  const fd = given.number(0);
  const address = given.at(1);
  if (address.kind === 'any') return { api, fd, args: [], port: api };
  const { sa_family, sin_port, sin_addr } = address.kind === 'fields' ? address.fields : {};
  const isInternet = sa_family?.kind === 'names' && sa_family.names.join() === 'AF_INET';
  const port =
    sin_port?.kind === 'applied' && sin_port.name === 'htons' && sin_port.to.kind === 'number'
      ? sin_port.to.value
      : undefined;
  const ip =
    sin_addr?.kind === 'applied' && sin_addr.name === 'inet_addr' && sin_addr.to.kind === 'string'
      ? sin_addr.to.text
      : undefined;
  const own = api === 'bind' ? ['0.0.0.0', addressOf.server.ip] : [addressOf.client.ip];
  if (!isInternet || port === undefined || ip === undefined)
    return given.wrong(1, '... or {sa_family=AF_INET, sin_port=htons(…), sin_addr=inet_addr("…")}');
  if (!own.includes(ip)) return given.wrong(1, `... or an address of the lab: ${own.join(' or ')}`);
  return { api, fd, args: [port, ip] };
};

/** The buffer of a write: filler for `...`, and as many bytes as the count says. */
const dataOf = (given: Given): unknown => {
  const bytes = given.number(2);
  const data = given.at(1);
  if (data.kind === 'any') return { bytes };
  if (data.kind !== 'string') return given.wrong(1, '... or a string');
  return data.text.length >= bytes
    ? data.text.slice(0, bytes)
    : given.wrong(1, `as long as the count says, ${bytes} bytes`);
};

const textOf = (given: Given): { text?: string } => {
  const buffer = given.at(1);
  if (buffer.kind === 'any') return {};
  return buffer.kind === 'string' ? { text: buffer.text } : given.wrong(1, '... or a string');
};

const sendFlags = (given: Given): string[] => {
  const refused = given.names(3).find((flag) => /FASTOPEN|ZEROCOPY/.test(flag));
  if (refused) throw unsupported(given.line, `${refused} is`);
  return given.names(3, messageFlags);
};

/** `[4]`, the room for an option: the kernel must fill it (packetdrill compares the length as well). */
const lengthOf = (given: Given): number | undefined => {
  const length = given.at(4);
  if (length.kind === 'any') return undefined;
  const [one, ...more] = length.kind === 'list' ? length.items : [length];
  return one?.kind === 'number' && more.length === 0 ? one.value : given.wrong(4, '... or a number in brackets: [4]');
};

const aliases: Record<string, string> = { SOL_TCP: 'IPPROTO_TCP' };

const optionOf = (given: Given): [level: string, name: string, form: string] => {
  const [level = ''] = given.names(1);
  const [name = ''] = given.names(2);
  const known = Object.hasOwn(aliases, level) ? (aliases[level] as string) : level;
  if (name.includes('FASTOPEN')) throw unsupported(given.line, 'TCP fast open is');
  try {
    return [known, name, findOption(known, name).form];
  } catch (error) {
    throw new PktError(given.line, (error as Error).message);
  }
};

/** `[1]`, `{onoff=1, linger=0}`, `"reno"`. */
const optionValue = (given: Given, form: string): unknown => {
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

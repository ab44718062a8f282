// What each system call of a script asks of the real side: the call of a raw process, with the script's descriptors
// still to be replaced.
import { messageFlags, pollEvents } from '../../host/raw/constants.ts';
import { addressOf } from '../../record/hosts.ts';
import { argumentsOf, dataOf, type Given, lengthOf, optionOf, optionValue, textOf } from './call-arguments.ts';
import type { Expression } from './expression.ts';
import { unsupported } from './pkt-error.ts';

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

const sendFlags = (given: Given): string[] => {
  const refused = given.names(3).find((flag) => /FASTOPEN|ZEROCOPY/.test(flag));
  if (refused) throw unsupported(given.line, `${refused} is`);
  return given.names(3, messageFlags);
};

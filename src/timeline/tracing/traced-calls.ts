// What a system call that strace wrote down says as a record of the kind that processes driven call by call write.
import type { Endpoint } from '../../record/endpoint.ts';
import { isRead, isWrite } from '../../record/socket-calls.ts';
import { numberOf, sockaddrOf, type TcpDescriptor, tcpDescriptorOf } from './descriptor-words.ts';
import type { TracedLine } from './strace-lines.ts';

type Call = Extract<TracedLine, { kind: 'call' }>;

/** A call on a TCP socket, in words of ours. */
export type SocketCall = {
  api: string;
  on: TcpDescriptor;
  args: unknown[];
  value?: unknown;
  /** The socket it made. */
  made?: TcpDescriptor;
  /** Where it leads to, when that is not what its descriptor says. */
  remote?: Endpoint;
};

/** Undefined for a call on anything else, and for one that only found nothing to do yet. */
export const socketCallOf = (call: Call): SocketCall | undefined => {
  const { name, args, result, errno } = call;
  const api = names[name] ?? name;
  if (name === 'splice') return spliced(call);
  const on = tcpDescriptorOf(name === 'socket' ? result : args[0]);
  if (!on) return undefined;
  const number = numberOf(result);
  const made = tcpDescriptorOf(result);
  if (isRead({ api }) || api === 'accept') {
    if (errno === 'EAGAIN') return undefined;
    if (api === 'accept') return { api, on, args: [on.fd], value: number, ...(made && { made }) };
    return {
      api,
      on,
      args: [on.fd, ...flagsOf(call)],
      value: { bytes: api === 'recvmmsg' ? bytesOfMessages(args) : number, text: errno ? undefined : textIn(args) },
    };
  }
  // What it sends comes from another descriptor.
  if (name === 'sendfile') return { api, on, args: [on.fd, numberOf(args[1])], value: number };
  if (isWrite({ api })) return { api, on, args: [on.fd, textIn(args), ...flagsOf(call)], value: number };
  switch (api) {
    case 'socket':
      return {
        api,
        on,
        args: args.slice(0, 2).map((word) => word.replace(/\|SOCK_(CLOEXEC|NONBLOCK)/g, '')),
        value: on.fd,
        made: on,
      };
    case 'dup':
      return {
        api,
        on,
        args: [on.fd, ...(name === 'dup' ? [] : [numberOf(args[1])])],
        value: number,
        ...(made && { made }),
      };
    case 'bind':
    case 'connect': {
      const address = sockaddrOf(args[1]);
      return {
        api,
        on,
        args: [on.fd, ...(address ? [address] : [])],
        value: number,
        ...(address && { remote: address }),
      };
    }
    case 'setsockopt':
      return { api, on, args: [on.fd, ...args.slice(1, 3), optionOf(args[3])], value: number };
    case 'getsockopt':
      return { api, on, args: [on.fd, ...args.slice(1, 3)], value: optionOf(args[3]) };
    case 'fcntl':
      return args[1]?.startsWith('F_DUPFD')
        ? { api: 'dup', on, args: [on.fd], value: number, ...(made && { made }) }
        : undefined;
    case 'listen':
    case 'shutdown':
      return { api, on, args: [on.fd, ...args.slice(1).map((word) => numberOf(word) ?? word)], value: number };
    case 'close':
      return { api, on, args: [on.fd], value: number };
    default:
      return undefined;
  }
};

/** splice(2) moves between a socket and a pipe: `splice(5, 8)` takes from the socket 5, `splice(8, 5)` gives to it. */
const spliced = ({ args, result, errno }: Call): SocketCall | undefined => {
  const [from, to] = [tcpDescriptorOf(args[0]), tcpDescriptorOf(args[2])];
  const on = to ?? from;
  if (!on || errno === 'EAGAIN') return undefined;
  const value = numberOf(result);
  return { api: 'splice', on, args: [numberOf(args[0]), numberOf(args[2])], value: to ? value : { bytes: value } };
};

/** recvmmsg(2) returns the number of messages: what each held is told with it. */
const bytesOfMessages = ([, messages = '']: string[]): number =>
  [...messages.matchAll(/msg_len=(?<length>\d+)/g)].reduce((sum, { groups }) => sum + Number(groups?.length), 0);

/** Whether the descriptor the call made is closed when another program is executed. */
export const closesOnExec = ({ args }: Call): boolean => args.some((word) => word.includes('CLOEXEC'));

/** What a call says of whether descriptors are closed then (FD_CLOEXEC in fcntl(2), FIOCLEX in ioctl(2), close_range(2)). */
export const closesOnExecBy = (call: Call): { first: number; last: number; closes: boolean } | undefined => {
  const { name, args, errno } = call;
  const first = numberOf(args[0]);
  if (first === undefined || errno) return undefined;
  const [, what = '', how = ''] = args;
  if (name === 'close_range' && how.includes('CLOEXEC')) return { first, last: rangeEnd(what), closes: true };
  if (name === 'fcntl' && what === 'F_SETFD') return { first, last: first, closes: how === 'FD_CLOEXEC' };
  if (name === 'ioctl' && /^FION?CLEX$/.test(what)) return { first, last: first, closes: what === 'FIOCLEX' };
  return undefined;
};

/** Numbers of descriptors, from and to, that a call closes beside what it is about: dup2(2), close_range(2). */
export const closedBy = ({ name, args, result, errno }: Call): [first: number, last: number][] => {
  if (errno || result === undefined) return [];
  const [one, other] = [numberOf(args[0]), numberOf(args[1])];
  if (name === 'close_range')
    return one === undefined || args[2]?.includes('CLOEXEC') ? [] : [[one, rangeEnd(args[1])]];
  return /^dup[23]$/.test(name) && other !== undefined && one !== other ? [[other, other]] : [];
};

/** `-1U`, `4294967295`: to the last there is. */
const rangeEnd = (word = ''): number => {
  const end = Number(word);
  return Number.isFinite(end) && end >= 0 ? end : Number.POSITIVE_INFINITY;
};

/** Descriptors that a message brought (SCM_RIGHTS). */
export const receivedBy = ({ name, args, errno }: Call): TcpDescriptor[] => {
  if (name !== 'recvmsg' || errno) return [];
  return [...args.join(', ').matchAll(/SCM_RIGHTS, cmsg_data=\[(?<list>.*?)\]\}/g)].flatMap(({ groups }) =>
    (groups?.list ?? '').split(', ').flatMap((word) => tcpDescriptorOf(word) ?? []),
  );
};

/** Of several system calls that do the same, the name of the one in POSIX. */
const names: Record<string, string> = {
  accept4: 'accept',
  sendto: 'send',
  recvfrom: 'recv',
  dup2: 'dup',
  dup3: 'dup',
  preadv2: 'readv',
  pwritev2: 'writev',
};

/** What a call was told besides what to move: `MSG_PEEK`. What only spares it a wait or a signal says nothing. */
const flagsOf = ({ name, args }: Call): string[] => {
  const flags = flagsAt[name] === undefined ? '0' : (args[flagsAt[name]] ?? '0');
  const telling = flags.split('|').filter((flag) => !/^(0|MSG_NOSIGNAL|MSG_DONTWAIT|MSG_CMSG_CLOEXEC)$/.test(flag));
  return telling.length > 0 ? [telling.join('|')] : [];
};
const flagsAt: Record<string, number> = { recvfrom: 3, recvmsg: 2, recvmmsg: 3, sendto: 3, sendmsg: 2, sendmmsg: 3 };

/** The text to be moved, as far as strace wrote it: `"hello"`, `[{iov_base="hello", iov_len=5}]`. */
const textIn = ([, buffer = '']: string[]): string =>
  [
    ...buffer.matchAll(
      buffer.startsWith('"') ? /"(?<text>(?:[^"\\]|\\.)*)"/gs : /iov_base="(?<text>(?:[^"\\]|\\.)*)"/gs,
    ),
  ]
    .map(({ groups }) => unescaped(groups?.text ?? ''))
    .join('');

const unescaped = (text: string): string =>
  text.replaceAll(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/gs, (_, code: string) => {
    if (code.startsWith('x') && code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return letters[code] ?? code;
  });
const letters: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v' };

/** `[1]` is 1, `{l_onoff=1, l_linger=0}` an object, any other as strace writes it. */
const optionOf = (word = ''): unknown => {
  const inner = /^\[(?<inner>.*)\]$/.exec(word)?.groups?.inner ?? word;
  if (/^-?\d+$/.test(inner)) return Number(inner);
  const linger = /^\{l_onoff=(?<onoff>\d+), l_linger=(?<linger>\d+)\}$/.exec(inner)?.groups;
  return linger ? { onoff: Number(linger.onoff), linger: Number(linger.linger) } : inner;
};

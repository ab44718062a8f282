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
  const on = tcpDescriptorOf(name === 'socket' ? result : name === 'splice' ? (args[2] ?? args[0]) : args[0]);
  if (!on) return undefined;
  const number = numberOf(result);
  const made = tcpDescriptorOf(result);
  if (isRead({ api }) || api === 'accept') {
    if (errno === 'EAGAIN' || result === undefined) return undefined;
    if (api === 'accept') return { api, on, args: [on.fd], value: number, ...(made && { made }) };
    return {
      api,
      on,
      args: [on.fd, ...flagsOf(call)],
      value: { bytes: number, text: errno ? undefined : textIn(args) },
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

/** Whether the descriptor the call made is closed when another program is executed. */
export const closesOnExec = ({ args }: Call): boolean => args.some((word) => word.includes('CLOEXEC'));

/** What a call says of whether a descriptor is closed then (FD_CLOEXEC in fcntl(2), FIOCLEX in ioctl(2)). */
export const closesOnExecBy = ({ name, args, errno }: Call): { fd: number; closes: boolean } | undefined => {
  const on = tcpDescriptorOf(args[0]);
  if (!on || errno) return undefined;
  if (name === 'fcntl' && args[1] === 'F_SETFD') return { fd: on.fd, closes: args[2] === 'FD_CLOEXEC' };
  if (name === 'ioctl' && /^FION?CLEX$/.test(args[1] ?? '')) return { fd: on.fd, closes: args[1] === 'FIOCLEX' };
  return undefined;
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

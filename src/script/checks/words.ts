// Every word of a script with what its arguments must be. The types say the same (src/experiment/vocabulary/), but Node strips them unread.
import type {
  ConnectOptions,
  Host,
  InjectedFields,
  ListenOptions,
  NodeHandle,
  NodeProcess,
  NodeServer,
  NodeSocket,
  Process,
  ProcessOptions,
  Program,
  RawCalls,
  RawProcess,
  Reaction,
  Rule,
  Script,
  SocketFilter,
  SpawnOptions,
  StageOptions,
  WaitOptions,
  WireControl,
} from '../../experiment/vocabulary.ts';
import { domains, messageFlags, shutdownWays } from '../../host/raw/constants.ts';
import type { TcpOptions } from '../../packet/option-summary.ts';
import { may, need, type Word, type Words, word } from './check.ts';
import * as kinds from './kinds.ts';
import { getsockoptWord, problemWithOption, setsockoptWord } from './socket-option.ts';

const { boolean, data, descriptor, hostName, milliseconds, name, oneOf, port, predicate, state, text } = kinds;

const wait = may('options', kinds.options<WaitOptions>({ timeoutMs: kinds.interval.optional() }));
const filter = { localPort: port.optional(), peerPort: port.optional(), state: state.optional() };
const waitingFilter = kinds.options<SocketFilter & WaitOptions>({ ...filter, timeoutMs: kinds.interval.optional() });

const ofProcess = {
  name: name.optional(),
  limits: kinds.options<{ nofile?: number }>({ nofile: kinds.count.optional() }).optional(),
};

export const hostWords: Words<Host> = {
  node: word(may('options', kinds.options<ProcessOptions>(ofProcess))),
  raw: word(may('options', kinds.options<ProcessOptions>(ofProcess))),
  spawn: word(
    need('command', name),
    may('args', kinds.texts),
    may(
      'options',
      kinds.options<SpawnOptions>({ ...ofProcess, env: kinds.textsByName.optional(), cwd: name.optional() }),
    ),
  ),
  sysctl: word(need('name', name), may('value', kinds.setting)),
  route: word(need('metric', kinds.metric), need('value', kinds.setting)),
  sockets: word(may('filter', kinds.options<SocketFilter>(filter))),
  until: word(need('state', state), may('filter', waitingFilter)),
  untilGone: word(need('filter', waitingFilter)),
};

export const processWords: Words<Process> = {
  kill: word(may('signal', kinds.signal)),
  freeze: word(),
  thaw: word(),
  exited: word(wait),
};

const listening = {
  address: kinds.address.optional(),
  backlog: kinds.backlog.optional(),
  allowHalfOpen: boolean.optional(),
  pauseOnConnect: boolean.optional(),
  noDelay: boolean.optional(),
  keepAlive: boolean.optional(),
  keepAliveInitialDelay: milliseconds.optional(),
};
const connecting = kinds.options<ConnectOptions>({
  localPort: port.optional(),
  allowHalfOpen: boolean.optional(),
  noDelay: boolean.optional(),
  keepAlive: boolean.optional(),
  keepAliveInitialDelay: milliseconds.optional(),
  timeout: milliseconds.optional(),
  abortAfterMs: milliseconds.optional(),
});

export const nodeProcessWords: Words<Omit<NodeProcess, keyof Process>> = {
  listen: word(need('port', port), may('options', kinds.options<ListenOptions>(listening))),
  bind: word(need('port', port)),
  connect: word(need('to', kinds.target), need('port', port), may('options', connecting)),
  accepted: word(wait),
  exit: word(may('code', kinds.exitCode)),
  crash: word(),
};

export const nodeHandleWords: Words<NodeHandle> = {
  listen: word(may('options', kinds.options<ListenOptions>(listening))),
};

const reactionTo = (...events: string[]): Word => ({
  parameters: [
    need(
      'reaction',
      kinds.options<Reaction>({
        on: oneOf(...events),
        do: oneOf('end', 'destroy', 'write', 'resetAndDestroy', 'pause', 'resume', 'echo', 'setsockopt'),
        args: kinds.kind('a list of arguments', Array.isArray).optional(),
        afterMs: milliseconds.optional(),
      }),
    ),
  ],
  together: (reaction: Reaction) => problemWithReaction(reaction),
});

const problemWithReaction = ({ on, do: what, args = [] }: Reaction) => {
  if (what === 'setsockopt') return problemWithOption(args);
  if (what === 'echo' && on !== 'data') return { takes: "'echo' as reaction.do only on 'data'", given: on };
  if (what === 'write' && (args.length !== 1 || !data.safeParse(args[0]).success))
    return { takes: "as reaction.args of 'write' the data: [a text, or { bytes }]", given: args };
  if (what === 'end' && (args.length > 1 || (args.length === 1 && !data.safeParse(args[0]).success)))
    return { takes: "as reaction.args of 'end' nothing or the data", given: args };
  if (what !== 'write' && what !== 'end' && args.length > 0)
    return { takes: `no reaction.args for '${what}'`, given: args };
  return undefined;
};

export const nodeServerWords: Words<NodeServer> = {
  close: word(),
  accepted: word(wait),
  react: reactionTo('connection', 'data', 'end', 'error', 'timeout'),
  event: word(need('name', oneOf('listening', 'connection', 'close', 'error', 'drop')), wait),
};

export const nodeSocketWords: Words<NodeSocket> = {
  write: word(need('data', data)),
  end: word(may('data', data)),
  destroy: word(),
  resetAndDestroy: word(),
  pause: word(),
  resume: word(),
  setKeepAlive: word(need('on', boolean), may('initialDelayMs', milliseconds)),
  setNoDelay: word(need('on', boolean)),
  setTimeout: word(need('milliseconds', milliseconds)),
  setsockopt: setsockoptWord(),
  getsockopt: getsockoptWord(),
  react: reactionTo('data', 'end', 'error', 'timeout'),
  share: word(may('options', kinds.options<{ name?: string }>({ name: name.optional() }))),
  event: word(need('name', oneOf('connect', 'data', 'end', 'error', 'close', 'timeout', 'drain', 'writeError')), wait),
  received: word(need('bytes', kinds.bytes), wait),
};

const own = need('descriptor', descriptor);
const sending = may('flags', kinds.someOf(...Object.keys(messageFlags)));

export const rawCallWords: Words<RawCalls<unknown>> = {
  socket: word(may('domain', oneOf(...Object.keys(domains)))),
  bind: word(own, need('port', port), may('address', kinds.address)),
  listen: word(own, need('backlog', kinds.anyInt)),
  accept: word(own),
  connect: word(own, need('to', kinds.rawTarget), need('port', port)),
  send: word(own, need('data', data), sending),
  recv: word(own, need('bytes', kinds.bytes), sending),
  shutdown: word(own, need('how', oneOf(...Object.keys(shutdownWays)))),
  setsockopt: setsockoptWord([own]),
  getsockopt: getsockoptWord([own]),
  nonblock: word(own, need('on', boolean)),
  dup: word(own),
  close: word(own),
};

export const rawProcessWords: Words<Pick<RawProcess, 'share' | 'exit'>> = {
  share: word(own, may('options', kinds.options<{ name?: string }>({ name: name.optional() }))),
  exit: word(may('code', kinds.exitCode)),
};

export const programWords: Words<Omit<Program, keyof Process>> = {
  input: word(need('text', text)),
  endInput: word(),
  output: word(need('pattern', kinds.pattern), wait),
};

const inByte = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255;
const isPairs = (value: unknown) =>
  Array.isArray(value) && value.every((one) => Array.isArray(one) && one.length === 2);

const ruling = { times: kinds.count.optional(), from: hostName.optional() };
const rule = may('rule', kinds.options<Rule>(ruling));

const tcpOptions = kinds.options<TcpOptions>({
  mss: kinds.window.optional(),
  windowScale: kinds.kind('a shift from 0 to 255', inByte).optional(),
  sackPermitted: kinds.kind('true', (value) => value === true).optional(),
  sack: kinds.kind('a list of pairs of sequence numbers', isPairs).optional(),
  timestamps: kinds
    .options<{ value: number; echo: number }>({ value: kinds.sequenceNumber, echo: kinds.sequenceNumber })
    .optional(),
  other: kinds.kind('a list of kinds from 0 to 255', (value) => Array.isArray(value) && value.every(inByte)).optional(),
});

export const wireWords: Words<WireControl> = {
  cut: word(may('from', hostName)),
  restore: word(),
  link: word(need('host', kinds.host), need('state', oneOf('down', 'up'))),
  drop: word(need('predicate', predicate), rule),
  hold: word(need('predicate', predicate), rule),
  release: word(may('segments', kinds.segments)),
  held: word(),
  delay: word(
    need('milliseconds', milliseconds),
    may('rule', kinds.options<Rule & { predicate?: unknown }>({ ...ruling, predicate: predicate.optional() })),
  ),
  duplicate: word(need('predicate', predicate), rule),
  replay: word(need('segment', kinds.segment)),
  inject: word(
    need(
      'fields',
      kinds.options<InjectedFields>({
        from: hostName,
        flags: kinds.flags,
        version: kinds.kind('4 or 6', (value) => value === 4 || value === 6).optional(),
        connection: kinds.backlog.optional(),
        sourcePort: port.optional(),
        destinationPort: port.optional(),
        seq: kinds.sequenceNumber.optional(),
        ack: kinds.sequenceNumber.optional(),
        absolute: boolean.optional(),
        window: kinds.window.optional(),
        options: tcpOptions.optional(),
        payload: text.optional(),
      }),
    ),
  ),
  freeRun: word(),
  lockstep: word(),
  quiet: word(may('milliseconds', milliseconds)),
  next: word(need('predicate', predicate), wait),
  seen: word(may('predicate', predicate)),
};

const stageOptions = need('options', kinds.options<StageOptions>({ undisturbed: boolean.optional() }));

export const scriptWords: Words<Omit<Script, 'client' | 'server' | 'wire' | 'pace'>> = {
  stage: {
    parameters: [need('name', name), stageOptions, need('script', kinds.action)],
    shorter: ([, second]) =>
      typeof second === 'object' ? undefined : [need('name', name), need('script', kinds.action)],
  },
  note: word(need('text', text)),
  packetdrill: word(need('file', name)),
  observe: word(
    need('milliseconds', milliseconds),
    may('options', kinds.options<{ everyMs?: number }>({ everyMs: kinds.interval.optional() })),
  ),
};

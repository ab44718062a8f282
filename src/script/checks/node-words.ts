// The words of a process of Node, its servers and sockets, and what their arguments must be.
import type {
  ConnectOptions,
  ListenOptions,
  NodeHandle,
  NodeProcess,
  NodeServer,
  NodeSocket,
  Process,
  Reaction,
} from '../../experiment/vocabulary.ts';
import { may, need, type Word, type Words, word } from './check.ts';
import * as kinds from './kinds.ts';
import { wait } from './process-words.ts';
import { getsockoptWord, problemWithOption, setsockoptWord } from './socket-option.ts';

const { boolean, data, milliseconds, name, oneOf, port } = kinds;

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

// The words of a host, and what their arguments must be.
import type { Host, ProcessOptions, SocketFilter, SpawnOptions, WaitOptions } from '../../experiment/vocabulary.ts';
import { may, need, type Words, word } from './check.ts';
import * as kinds from './kinds.ts';

const { name, port, state } = kinds;

const filter = { localPort: port.optional(), peerPort: port.optional(), state: state.optional() };
const waitingFilter = kinds.options<SocketFilter & WaitOptions>({ ...filter, timeoutMs: kinds.interval.optional() });

const ofProcess = {
  name: name.optional(),
  limits: kinds.options<{ nofile?: number }>({ nofile: kinds.count.optional() }).optional(),
  calls: kinds.callsWitness.optional(),
};

export const hostWords: Words<Host> = {
  node: word(may('options', kinds.options<ProcessOptions>(ofProcess))),
  raw: word(may('options', kinds.options<ProcessOptions>(ofProcess))),
  spawn: word(
    need('command', name),
    may('args', kinds.texts),
    may(
      'options',
      kinds.options<SpawnOptions>({
        ...ofProcess,
        env: kinds.textsByName.optional(),
        cwd: name.optional(),
      }),
    ),
  ),
  sysctl: word(need('name', name), may('value', kinds.setting)),
  route: word(need('metric', kinds.metric), need('value', kinds.setting)),
  leadLocalhost: word(need('to', kinds.hostIdentity)),
  sockets: word(may('filter', kinds.options<SocketFilter>(filter))),
  until: word(need('state', state), may('filter', waitingFilter)),
  untilGone: word(need('filter', waitingFilter)),
};

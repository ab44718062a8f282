// The calls of a raw process that are not about one of its sockets: making one, passing one on, and ending.

import type { Outcome } from '../../control/replies.ts';
import { type Inherited, inheritedDescriptor } from '../inherited.ts';
import { closeOnExec, domains, numberOf, signalActions, signals, socketTypes } from './constants.ts';
import { type RawCall, targetOf } from './descriptors.ts';

export const processCalls: Record<string, RawCall> = {
  socket: ({ libc }, domain = 'AF_INET', type = 'SOCK_STREAM', protocol = 0) => {
    const fd = libc.call('socket', numberOf(domains, domain), numberOf(socketTypes, type) | closeOnExec, protocol);
    return { value: fd, target: targetOf(fd) };
  },

  /** Start a raw process called `name` that holds the same socket. This process keeps its own descriptor. */
  share: async ({ recorder }, { descriptor, name }: { descriptor: number; name: string }): Promise<Outcome> => {
    const detail: Inherited = { target: inheritedDescriptor };
    const { shareDescriptor } = await import('../share-descriptor.ts');
    const { pid } = await shareDescriptor(recorder, { kind: 'raw', name, fd: descriptor, detail });
    return { value: pid };
  },

  /** Node ignores SIGPIPE. `signal('SIGPIPE', 'SIG_DFL')` makes a write to a closed connection end the process, as in plain C. */
  signal: ({ libc }, name: unknown, action: unknown) => {
    libc.call('signal', numberOf(signals, name), numberOf(signalActions, action));
    return { value: 0 };
  },

  exit: ({ libc }, code = 0) => {
    // After the reply has been written. Not process.exit(), which would wait for the threads that block in a call.
    setImmediate(() => libc.call('_exit', code));
    return {};
  },

  crash: ({ libc }) => {
    setImmediate(() => {
      // Not dumpable, so that no core file is left behind.
      libc.call('prctl', setDumpable, 0);
      libc.call('abort');
    });
    return {};
  },
};

const setDumpable = 4;

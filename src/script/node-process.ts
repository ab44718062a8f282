// A real Node process in the hands of a script: net.Server and net.Socket, call by call.
import { untilTheRunEnds } from '../control/channel.ts';
import { type Outcome, parsedValue, replies } from '../control/replies.ts';
import type {
  Data,
  ListenOptions,
  NodeHandle,
  NodeProcess,
  NodeServer,
  NodeSocket,
  Process,
  Reaction,
  SeenEvent,
  WaitOptions,
} from '../experiment/vocabulary.ts';
import type { HostName } from '../record/hosts.ts';
import type { Report } from '../recording/recorder.ts';
import type { Session } from '../session/session.ts';
import { checked } from './checks/check.ts';
import { nodeHandleWords, nodeProcessWords, nodeServerWords, nodeSocketWords } from './checks/node-words.ts';
import { addressOfTarget, adopted, processOf } from './process.ts';

type Emit = Extract<Report, { type: 'emit' }>;

export const nodeProcess = (session: Session, host: HostName, name: string): NodeProcess => {
  const { recorder } = session;
  const emits = (target?: string, event?: string): Emit[] =>
    recorder.reports.filter(
      (report): report is Emit =>
        report.type === 'emit' &&
        report.process === name &&
        (target === undefined || report.target === target) &&
        (event === undefined || report.name === event),
    );
  const givenOut = new Set<Emit>();
  /** The next accepted connection, of one server or of any, that was not given out yet. Whoever asks first is served first. */
  const accept = async (who: string, { timeoutMs }: WaitOptions = {}, target?: string): Promise<NodeSocket> => {
    const next = () => emits(target, 'connection').find((one) => !givenOut.has(one));
    const emit = await session.waitUntil(
      `a connection accepted by ${who}`,
      () => {
        const found = next();
        if (found) givenOut.add(found);
        return found;
      },
      timeoutMs,
    );
    return socket(String(emit.detail?.socket));
  };

  /** A call in the process. Local ones cannot send a segment. */
  const call = (api: string, target: string | undefined, args: unknown[], local = false): Promise<Outcome> =>
    session.step(
      `${name}: ${target ? `${target}.` : ''}${api}`,
      async (step, source) => {
        const { channel } = await session.arrival(name);
        const header = { do: 'call', call: `${name}:${step}`, step, api, target, args, source };
        return parsedValue(replies.outcome, channel.request(header, undefined, untilTheRunEnds));
      },
      local,
    );

  /** The process ends in the call, and cannot answer it. */
  const lastCall = (api: string, args: unknown[]) =>
    session.step(`${name}: ${api}`, async (step, source) => {
      const { channel } = await session.arrival(name);
      channel.notify({ do: 'call', call: `${name}:${step}`, step, api, args, source });
      await session.lab.agent[host].request({ do: 'wait', name }, undefined, untilTheRunEnds);
    });

  const eventOf = (target: string) => {
    const seen = new Map<string, number>();
    return async (event: string, { timeoutMs }: WaitOptions = {}): Promise<SeenEvent> => {
      const index = seen.get(event) ?? 0;
      seen.set(event, index + 1);
      const emit = await session.waitUntil(
        `'${event}' of ${target} in ${name}`,
        () => emits(target, event)[index],
        timeoutMs,
      );
      const { bytes, text, code, detail } = emit;
      return { name: event, bytes, text, code, detail };
    };
  };

  const reactTo = (target: string) => async (reaction: Reaction) =>
    void (await call('react', undefined, [{ target, ...reaction }], true));

  const server = (target: string): NodeServer => {
    const methods: NodeServer = {
      name: target,
      close: async () => void (await call('close', target, [])),
      react: reactTo(target),
      event: eventOf(target),
      accepted: (options) => accept(`${target} in ${name}`, options, target),
    };
    return checked('listener.', methods, nodeServerWords);
  };

  const socket = (target: string): NodeSocket => {
    const plain =
      (api: string, local = false) =>
      async (...args: unknown[]) =>
        void (await call(api, target, args, local));
    const methods: NodeSocket = {
      name: target,
      write: (data: Data) => plain('write')(data),
      end: (data?: Data) => plain('end')(...(data === undefined ? [] : [data])),
      destroy: () => plain('destroy')(),
      resetAndDestroy: () => plain('resetAndDestroy')(),
      pause: () => plain('pause')(),
      resume: () => plain('resume')(),
      setKeepAlive: (on, initialDelayMs) => plain('setKeepAlive', true)(on, initialDelayMs ?? 0),
      setNoDelay: (on) => plain('setNoDelay')(on),
      setTimeout: (milliseconds) => plain('setTimeout', true)(milliseconds),
      setsockopt: (level, option, value) => plain('setsockopt')(level, option, value),
      getsockopt: async (level, option) => (await call('getsockopt', target, [level, option], true)).value,
      react: reactTo(target),
      share: async (options = {}) => {
        const child = session.nameFor(options.name ?? `${name}-child`);
        session.lab.inviteChild(name, { host, name: child });
        await call('share', undefined, [{ target, name: child }], true);
        const { hello } = await adopted(session, host, child);
        const process = nodeProcess(session, host, child);
        return { process, socket: socketOf(process, String(hello.inherited)) };
      },
      event: eventOf(target),
      received: (bytes, { timeoutMs } = {}) =>
        session.waitUntil(
          `${bytes} bytes at ${target} in ${name}`,
          () => {
            const total = emits(target, 'data').reduce((sum, emit) => sum + (emit.bytes ?? 0), 0);
            return total >= bytes ? total : undefined;
          },
          timeoutMs,
        ),
    };
    return checked('socket.', methods, nodeSocketWords);
  };
  const methods: Omit<NodeProcess, keyof Process> = {
    listen: async (port, options = {}) => {
      return server(
        made(await call('listen', undefined, [{ port, address: addressOfTarget(host), ...options }], true)),
      );
    },
    bind: async (port) => {
      const { target } = await call('bind', undefined, [{ port, address: addressOfTarget(host) }], true);
      const handle: NodeHandle = {
        listen: async (options: ListenOptions = {}) => server(made(await call('listenOn', target, [options], true))),
      };
      return checked('handle.', handle, nodeHandleWords);
    },
    connect: async (to, port, options = {}) => {
      const { abortAfterMs, ...rest } = options;
      const signal = abortAfterMs === undefined ? {} : { signal: { abortAfterMs } };
      const args = [{ host: typeof to === 'string' ? to : to.address, port, ...rest, ...signal }];
      return socket(made(await call('connect', undefined, args)));
    },
    accepted: (options) => accept(name, options),
    exit: (code = 0) => lastCall('exit', [code]),
    crash: () => lastCall('crash', []),
  };
  const process: NodeProcess = {
    ...processOf(session, host, name),
    ...checked('process.', methods, nodeProcessWords),
  };
  sockets.set(process, socket);
  return process;
};

/** A socket of a process that was not made by a call of the script: one inherited. */
const socketOf = (process: NodeProcess, target: string): NodeSocket => {
  const make = sockets.get(process);
  if (!make) throw new Error(`${process.name} is not a Node process of this lab.`);
  return make(target);
};
const sockets = new WeakMap<NodeProcess, (target: string) => NodeSocket>();

/** The name of what a call made. */
const made = ({ target }: Outcome): string => {
  if (target === undefined) throw new Error('A process gave no name to what it made.');
  return target;
};

// A process that makes the socket calls itself, in the hands of a script.
import { untilTheRunEnds } from '../control/channel.ts';
import { parsedValue, replies } from '../control/replies.ts';
import type { HostIdentity, RawCalls, RawProcess, Result } from '../experiment/vocabulary.ts';
import type { HostName } from '../record/hosts.ts';
import type { Session } from '../session/session.ts';
import { quietMilliseconds } from '../session/waits.ts';
import { checked } from './checks/check.ts';
import { rawCallWords, rawProcessWords } from './checks/raw-words.ts';
import { addressOfTarget, adopted, processOf } from './process.ts';

const localCalls = new Set(['socket', 'bind', 'listen', 'getsockopt', 'nonblock', 'dup']);

export const rawProcess = (session: Session, host: HostName, name: string): RawProcess => {
  const ask = async ({ api, args }: Call, step: number, source: unknown) => {
    const { channel } = await session.arrival(name);
    return channel.request(
      { do: 'call', call: `${name}:${step}`, step, api, args, source },
      undefined,
      untilTheRunEnds,
    );
  };
  const request = (call: Call, step: number, source: unknown): Promise<Result> =>
    parsedValue(replies.result, ask(call, step, source));
  const describe = ({ api }: Call) => `${name}: ${api}()`;
  const returnOf = ({ api }: Call) => `return of ${api}() in ${name}`;
  const complete = (call: Call): Promise<Result> =>
    session.step(
      describe(call),
      async (step, source) => {
        const what = `${call.api}() in ${name} to return (to begin a call that blocks, use start.${call.api}())`;
        const begun = session.time();
        const result = await session.waitFor(what, request(call, step, source));
        // One that blocked may have ended a socket long after the last segment; the step's own sample comes when the
        // wire is quiet.
        if (session.time() - begun >= quietMilliseconds) void session.look(returnOf(call));
        return result;
      },
      localCalls.has(call.api),
    );
  const begin = (call: Call): Promise<{ returned: Promise<Result> }> =>
    session.step(describe(call), async (step, source) => {
      const returned = session.orAbort(request(call, step, source)).then(async (result) => {
        await session.orAbort(session.look(returnOf(call)));
        return result;
      });
      returned.catch(() => {}); // the run may end while the call still blocks
      return { returned };
    });

  const own: Pick<RawProcess, 'share' | 'exit'> = {
    share: async (descriptor, options = {}) => {
      const child = session.nameFor(options.name ?? `${name}-child`);
      session.lab.inviteChild(name, { host, name: child });
      await complete({ api: 'share', args: [{ descriptor, name: child }] });
      const { hello } = await adopted(session, host, child);
      return { process: rawProcess(session, host, child), descriptor: Number(hello.inherited) };
    },
    exit: (code = 0) =>
      session.step(`${name}: exit`, async (step, source) => {
        await ask({ api: 'exit', args: [code] }, step, source);
        await session.lab.agent[host].request({ do: 'wait', name }, undefined, untilTheRunEnds);
      }),
  };
  return {
    ...processOf(session, host, name),
    ...checked('process.', calls(complete, host), rawCallWords),
    start: checked('process.start.', calls(begin, host), rawCallWords),
    ...checked('process.', own, rawProcessWords),
  };
};

type Call = { api: string; args: unknown[] };

const calls = <R>(make: (call: Call) => Promise<R>, host: HostName): RawCalls<R> => {
  const call = (api: string, ...args: unknown[]) => make({ api, args });
  return {
    socket: (domain) => (domain === undefined ? call('socket') : call('socket', domain)),
    bind: (descriptor, port, address = addressOfTarget(host)) => call('bind', descriptor, port, address),
    listen: (descriptor, backlog) => call('listen', descriptor, backlog),
    accept: (descriptor) => call('accept', descriptor),
    connect: (descriptor, to: HostIdentity | string, port) =>
      call('connect', descriptor, port, typeof to === 'string' ? to : to.address),
    send: (descriptor, data, flags = []) => call('send', descriptor, data, flags),
    recv: (descriptor, bytes, flags = []) => call('recv', descriptor, bytes, flags),
    shutdown: (descriptor, how) => call('shutdown', descriptor, how),
    setsockopt: (descriptor, level, option, value) => call('setsockopt', descriptor, level, option, value),
    getsockopt: (descriptor, level, option) => call('getsockopt', descriptor, level, option),
    nonblock: (descriptor, on) => call('nonblock', descriptor, on),
    dup: (descriptor) => call('dup', descriptor),
    close: (descriptor) => call('close', descriptor),
  };
};

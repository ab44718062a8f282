// A process that makes the socket calls itself, in the hands of a script.
import type { Host, RawCalls, RawProcess, Result } from '../experiment/vocabulary.ts';
import { ControlError } from '../control/channel.ts';
import type { Outcome } from '../host/requests.ts';
import type { HostName } from '../timeline/schema.ts';
import { addressOfTarget, nextProcessName, processOf } from './process.ts';
import type { Session } from './session.ts';

const localCalls = new Set(['socket', 'bind', 'listen', 'getsockopt', 'nonblock', 'dup']);

export const rawProcess = (session: Session, host: HostName, name: string): RawProcess => {
  const request = async ({ api, descriptor, args }: Call, step: number, source: unknown): Promise<Result> => {
    const { channel } = await session.arrival(name);
    const target = descriptor === undefined ? undefined : `fd ${descriptor}`;
    try {
      const { value } = await channel.request({ do: 'call', call: `${name}:${step}`, step, api, target, args, source });
      return toResult(value as Outcome);
    } catch (error) {
      // What the kernel refused is evidence; anything else is a mistake of the script.
      if (error instanceof ControlError && isErrno(error.code)) return { value: -1, errno: error.code };
      throw error;
    }
  };
  const describe = ({ api }: Call) => `${name}: ${api}()`;
  const complete = (call: Call): Promise<Result> =>
    session.step(
      describe(call),
      (step, source) => {
        const what = `${call.api}() in ${name} to return (to begin a call that blocks, use start.${call.api}())`;
        return session.inTime(what, request(call, step, source));
      },
      localCalls.has(call.api),
    );
  const begin = (call: Call): Promise<{ returned: Promise<Result> }> =>
    session.step(describe(call), async (step, source) => {
      const returned = session.orAbort(request(call, step, source));
      returned.catch(() => {}); // the run may end while the call still blocks
      return { returned };
    });

  return {
    ...processOf(session, host, name),
    ...calls(complete, host),
    start: calls(begin, host),
    share: async (descriptor, options = {}) => {
      const child = options.name ?? nextProcessName(`${name}-child`);
      const share = { api: 'share', descriptor, args: [{ name: child }] };
      const [{ hello }] = await Promise.all([session.arrival(child), complete(share)]);
      return { process: rawProcess(session, host, child), descriptor: Number(hello.inherited?.replace('fd ', '')) };
    },
    exit: (code = 0) =>
      session.step(`${name}: exit`, async (step, source) => {
        await request({ api: 'exit', args: [code] }, step, source);
        await session.lab.agent[host].request({ do: 'wait', name });
      }),
  };
};

type Call = { api: string; descriptor?: number; args: unknown[] };

const toResult = ({ value }: Outcome): Result => {
  if (typeof value === 'number') return { value };
  const { fd, bytes, text } = (value ?? {}) as { fd?: number; bytes?: number; text?: string };
  if (fd !== undefined) return { value: fd };
  if (bytes !== undefined) return { value: bytes, bytes, text };
  return { value: 0, option: value };
};

const calls = <R>(make: (call: Call) => Promise<R>, host: HostName): RawCalls<R> => {
  const on = (api: string, descriptor: number, ...args: unknown[]) => make({ api, descriptor, args });
  return {
    socket: () => make({ api: 'socket', args: [] }),
    bind: (descriptor, port, address = addressOfTarget(host)) => on('bind', descriptor, { address, port }),
    listen: (descriptor, backlog) => on('listen', descriptor, backlog),
    accept: (descriptor) => on('accept', descriptor),
    connect: (descriptor, to: Host | string, port) => on('connect', descriptor, { address: typeof to === 'string' ? to : to.address, port }),
    send: (descriptor, data, flags = []) => on('send', descriptor, data, flags),
    recv: (descriptor, bytes, flags = []) => on('recv', descriptor, bytes, flags),
    shutdown: (descriptor, how) => on('shutdown', descriptor, how),
    setsockopt: (descriptor, level, option, value) => on('setsockopt', descriptor, level, option, value),
    getsockopt: (descriptor, level, option) => on('getsockopt', descriptor, level, option),
    nonblock: (descriptor, on_) => on('nonblock', descriptor, on_),
    dup: (descriptor) => on('dup', descriptor),
    close: (descriptor) => on('close', descriptor),
  };
};

const isErrno = (code: string) => /^E[A-Z0-9]+$/.test(code) && !['EFAULT', 'ECHANNEL', 'ENOSYS'].includes(code);

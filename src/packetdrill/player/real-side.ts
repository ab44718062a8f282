// The real side of a script: a process on the server that makes the system calls, and when each began and returned.
import { untilTheRunEnds } from '../../control/channel.ts';
import { type Outcome, parsedValue, replies } from '../../control/replies.ts';
import type { ApiRecord } from '../../record/api-records.ts';
import { addressOf } from '../../record/hosts.ts';
import type { Source } from '../../record/source.ts';
import type { Session } from '../../session/session.ts';
import type { SocketCall } from '../notation/calls.ts';
import type { Ports } from './peer.ts';

export type Made = {
  /** When the call was made (CLOCK_MONOTONIC, ns). */
  begun: Promise<number>;
  returned: Promise<{ t: number; outcome: Outcome }>;
};

export type RealSide = Awaited<ReturnType<typeof createRealSide>>;

/** `name` is a raw process that runs. */
export const createRealSide = async (session: Session, name: string, ports: Ports) => {
  const { channel } = await session.arrival(name);
  const descriptors = new Map<number, number>();
  const begins = new Map<string, PromiseWithResolvers<number>>();
  const returns = new Map<string, PromiseWithResolvers<number>>();
  let calls = 0;
  let latest: number | undefined;

  const onRecord = (record: ApiRecord) => {
    if (record.type === 'call') begins.get(record.call)?.resolve(record.t);
    if (record.type === 'return') returns.get(record.call)?.resolve(record.t);
  };
  const stop = session.recorder.listen(onRecord);

  /** What the process is asked for: the script's descriptors and the open port replaced by real ones. */
  const liveArguments = ({ fd, port, args }: SocketCall): unknown[] => {
    const own = fd === undefined ? [] : [descriptors.get(fd) ?? neverOpen];
    if (port === 'bind') return [...own, ports.bind, addressOf.server.ip];
    if (port === 'connect') return [...own, ports.connect, addressOf.client.ip];
    return [...own, ...args];
  };

  return {
    make: (
      call: SocketCall & { returnsAt?: number },
      expected: number | undefined,
      { step, source }: { step: number; source: Source },
    ): Made => {
      const id = `${name}:script${++calls}`;
      const begun = Promise.withResolvers<number>();
      const came = Promise.withResolvers<number>();
      begins.set(id, begun);
      returns.set(id, came);
      const args = liveArguments(call);
      // How long the process itself waited for its turn tells a call that returned late from one that was told of late.
      const timed = call.returnsAt === undefined ? undefined : true;
      const request = channel.request(
        { do: 'call', call: id, step, api: call.api, args, source, timed },
        undefined,
        untilTheRunEnds,
      );
      const returned = parsedValue(replies.outcome, request).then(async (outcome) => {
        learn(call, expected, outcome);
        return { t: await came.promise, outcome };
      });
      returned.catch(begun.reject);
      begun.promise.catch(() => {});
      return { begun: session.orAbort(begun.promise), returned: session.orAbort(returned) };
    },
    /** The socket an assertion about TCP_INFO is about: the one made last that is still open. */
    socket: (): number | undefined => latest,
    stop,
  };

  function learn({ api, fd, makes }: SocketCall, expected: number | undefined, { value, errno }: Outcome) {
    if (makes && typeof value === 'number' && value >= 0 && expected !== undefined && expected >= 0) {
      descriptors.set(expected, value);
      latest = expected;
    }
    if (api === 'close' && fd !== undefined && errno === undefined) {
      descriptors.delete(fd);
      if (latest === fd) latest = [...descriptors.keys()].at(-1);
    }
  }
};

/** Stands for a descriptor the script never opened or has closed: the kernel answers EBADF. */
const neverOpen = 99_999;

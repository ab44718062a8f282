// The calls on a socket, a server or a bound handle that already exists.
import type { Socket } from 'node:net';
import type { Outcome } from '../../control/replies.ts';
import { codeOf, failure } from '../errno.ts';
import { loadLibc } from '../libc.ts';
import { getOption, setOption } from '../option-calls.ts';
import { bytesOf } from '../payload.ts';
import type { BoundObject, NodeObject, ServerObject, SocketObject } from './objects.ts';
import { handleOf } from './tcp-handle.ts';

type Result = Outcome | Promise<Outcome>;
type Calls<Subject> = Record<string, (subject: Subject, ...args: never[]) => unknown>;

/** Make a call on an object. Throws ENOSYS for a call its kind does not have. */
export const performOn = (object: NodeObject, api: string, args: unknown[]): Result => {
  if (api === 'getsockopt' || api === 'setsockopt') return performOption(object, api, args);
  if (object.kind === 'socket') return perform(socketCalls, object, api, args);
  if (object.kind === 'server') return perform(serverCalls, object, api, args);
  return perform(boundCalls, object, api, args);
};

const perform = <Subject extends NodeObject>(
  calls: Calls<Subject>,
  object: Subject,
  api: string,
  args: unknown[],
): Result => {
  const call = calls[api];
  if (!call)
    throw failure('ENOSYS', `Cannot ${api} ${object.target}: a ${object.kind} has ${Object.keys(calls).join(', ')}.`);
  const value = call(object, ...(args as never[]));
  return value instanceof Promise ? value.then((settled) => ({ value: settled })) : { value };
};

// Node's methods return the socket itself; only what says something is passed on.
const socketCalls: Calls<SocketObject> = {
  write: (object, data: unknown) => object.socket.write(bytesOf(data), reportFailure(object)),
  end: ({ socket }, data?: unknown) => void (data === undefined ? socket.end() : socket.end(bytesOf(data))),
  destroy: ({ socket }) => void socket.destroy(),
  destroySoon: ({ socket }) => socket.destroySoon(),
  resetAndDestroy: ({ socket }) => void socket.resetAndDestroy(),
  pause: ({ socket }) => void socket.pause(),
  resume: ({ socket }) => void socket.resume(),
  setKeepAlive: ({ socket }, ...args: Parameters<Socket['setKeepAlive']>) => void socket.setKeepAlive(...args),
  setNoDelay: ({ socket }, on?: boolean) => void socket.setNoDelay(on),
  setTimeout: ({ socket }, milliseconds: number) => void socket.setTimeout(milliseconds),
  bytesRead: ({ socket }) => socket.bytesRead,
  bytesWritten: ({ socket }) => socket.bytesWritten,
};

// Writing to a destroyed socket emits no 'error': only the callback hears of it.
const reportFailure =
  ({ emitted }: SocketObject) =>
  (error?: Error | null) => {
    if (error) emitted('writeError', { code: codeOf(error), detail: { message: error.message } });
  };

const serverCalls: Calls<ServerObject> = {
  close: ({ server }) => void server.close(),
  address: ({ server }) => server.address(),
  getConnections: ({ server }) =>
    new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count)))),
  maxConnections: ({ server }, limit: number) => {
    server.maxConnections = limit;
  },
};

const boundCalls: Calls<BoundObject> = { close: ({ bound }) => bound.close() };

const performOption = async (
  object: NodeObject,
  api: 'getsockopt' | 'setsockopt',
  args: unknown[],
): Promise<Outcome> => {
  const libc = await loadLibc();
  const fd = descriptorOf(object);
  return { value: api === 'getsockopt' ? getOption(libc, fd, args).option : setOption(libc, fd, args) };
};

/** The descriptor behind an object. Throws EBADF when it has none (closed, or not yet connecting). */
export const descriptorOf = (object: NodeObject): number => {
  const fd =
    object.kind === 'handle'
      ? object.bound.fd()
      : handleOf(object.kind === 'socket' ? object.socket : object.server)?.fd;
  if (fd === undefined || fd < 0) throw failure('EBADF', `${object.target} has no descriptor: it is closed.`);
  return fd;
};

// The calls that make a server, a socket or a bound handle.
import {
  BoundSocket,
  connect,
  createServer,
  type ListenOptions,
  type Server,
  type ServerOpts,
  type TcpNetConnectOpts,
} from 'node:net';
import type { Outcome } from '../../control/replies.ts';
import { codeOf, failure } from '../errno.ts';
import { currentAddresses, givenEndpoint, type Objects, type ServerObject } from './objects.ts';
import { trackServer } from './track-server.ts';
import { trackSocket } from './track-socket.ts';

/** Where to listen. Without an address it is every IPv4 address, not Node's `::`, so that ss shows plain IPv4. */
type Where = { port?: number; address?: string; backlog?: number };
export type ListenSettings = Where & ServerOpts;
export type ConnectSettings = TcpNetConnectOpts & { signal?: { abortAfterMs: number } };

/** Answers when the server listens, or with `{ listening: false, code }` when it emitted 'error' instead. */
export const listen = (
  objects: Objects,
  { port = 0, address = '0.0.0.0', backlog, ...options }: ListenSettings,
): Promise<Outcome> => {
  const object = trackServer(objects, createServer(options));
  return listening(object, (server) => server.listen({ port, host: address, backlog }));
};

/** bind(2) without listen(2). Throws EADDRINUSE and the like. */
export const bind = (objects: Objects, { port = 0, address = '0.0.0.0' }: Where): Outcome => {
  const bound = new BoundSocket({ port, host: address });
  const at = bound.address() as { address: string; port: number };
  const local = { address: at.address, port: at.port };
  const { target } = objects.add({ kind: 'handle', target: objects.nextName('handle'), bound, known: { local } });
  return { target, local, value: local };
};

/** listen(2) on what `bind` bound. */
export const listenOn = (
  objects: Objects,
  target: string | undefined,
  { backlog, ...options }: ListenSettings,
): Promise<Outcome> => {
  const object = objects.find(target);
  if (object.kind !== 'handle')
    throw failure('EINVAL', `Cannot listen on ${target}: it is not a handle made by bind().`);
  return listening(trackServer(objects, createServer(options)), (server) => server.listen(object.bound, backlog));
};

/** Answers when a server inherited from another process listens. */
export const listenInherited = (
  objects: Objects,
  target: string,
  fd: number,
  options: ListenSettings,
): Promise<Outcome> =>
  listening(trackServer(objects, createServer(options), target), (server) =>
    server.listen({ fd, backlog: options.backlog } as ListenOptions),
  );

/** Answers once connect(2) was made, not when it has succeeded. */
export const open = (objects: Objects, { signal, ...options }: ConnectSettings): Promise<Outcome> => {
  const abort = signal && new AbortController();
  if (abort) setTimeout(() => abort.abort(), signal.abortAfterMs);
  const socket = connect({ ...options, signal: abort?.signal } as TcpNetConnectOpts);
  const object = trackSocket(objects, {
    socket,
    target: objects.nextName('socket'),
    known: { remote: givenEndpoint(options.host, options.port) },
  });
  // Node makes connect(2) in the next tick; only then does the socket have a port of its own.
  return new Promise((resolve) =>
    process.nextTick(() => resolve({ target: object.target, ...currentAddresses(object) })),
  );
};

const listening = ({ server, target }: ServerObject, begin: (server: Server) => void): Promise<Outcome> =>
  new Promise((resolve) => {
    server.once('listening', () => resolve({ target, value: { listening: true, ...addressOf(server) } }));
    server.once('error', (error) => resolve({ target, value: { listening: false, code: codeOf(error) } }));
    begin(server);
  });

const addressOf = (server: Server): { address?: string; port?: number } => {
  const { address, port } = server.address() as { address: string; port: number };
  return { address, port };
};

// Takes a Node server into the process's books: its events recorded, its accepted sockets named before Node first reads
// from them.
import type { Server, Socket } from 'node:net';
import { codeOf } from '../errno.ts';
import { hookHandle } from './hook-handle.ts';
import { currentAddresses, type Objects, type ServerObject } from './objects.ts';
import { react } from './react.ts';
import { addressesOf, handleOf, type TcpHandle } from './tcp-handle.ts';
import { trackSocket } from './track-socket.ts';

/** From here on everything the server and the sockets it accepts do is recorded. */
export const trackServer = (objects: Objects, server: Server, target = objects.nextName('server')): ServerObject => {
  const object = objects.add<ServerObject>({ kind: 'server', target, server, known: {} });
  const about = () => ({ target, ...currentAddresses(object) });
  const accepted = new WeakMap<TcpHandle, string>();
  const emitted = (name: string, more: object = {}) => {
    objects.recorder.emit({ ...about(), name, ...more });
    react(objects, object, name);
  };
  const hook = (handle: TcpHandle) => {
    hookHandle(handle, objects.recorder, about);
    const { onconnection } = handle;
    handle.onconnection = (status, client) => {
      if (client) {
        const name = objects.nextName('socket');
        accepted.set(client, name);
        const known = addressesOf(client);
        hookHandle(client, objects.recorder, () => ({ target: name, ...known }));
      }
      onconnection?.call(handle, status, client);
    };
  };
  const accept = (socket: Socket) => {
    const handle = handleOf(socket);
    const name = (handle && accepted.get(handle)) ?? objects.nextName('socket');
    const known = addressesOf(handle);
    objects.recorder.emit({ target, name: 'connection', ...known, detail: { socket: name } });
    react(objects, trackSocket(objects, { socket, target: name, server: target, known }), 'connection');
  };
  server.on('listening', () => {
    const handle = handleOf(server);
    if (handle) hook(handle);
    emitted('listening');
  });
  server.on('connection', accept);
  server.on('drop', (data) => emitted('drop', { detail: { ...data } }));
  server.on('error', (error) => emitted('error', { code: codeOf(error), detail: { message: error.message } }));
  server.on('close', () => emitted('close'));
  return object;
};

// Takes a Node socket into the process's books: its handle hooked, each of its events recorded, its bytes consumed.
import type { Socket } from 'node:net';
import { codeOf } from '../errno.ts';
import { printable } from '../payload.ts';
import type { Addresses } from '../recorder.ts';
import { hookHandle } from './hook-handle.ts';
import { currentAddresses, type Objects, type SocketObject } from './objects.ts';
import { react } from './react.ts';
import { handleOf } from './tcp-handle.ts';

/** From here on everything the socket does is recorded. It is read from at once unless it was made paused. */
export const trackSocket = (
  objects: Objects,
  { socket, target, server, known = {} }: { socket: Socket; target: string; server?: string; known?: Addresses },
): SocketObject => {
  const emitted: SocketObject['emitted'] = (name, more, chunk) => {
    objects.recorder.emit({ ...about(), name, ...more });
    react(objects, object, name, chunk);
  };
  const object = objects.add<SocketObject>({ kind: 'socket', target, socket, server, known, emitted });
  const about = () => ({ target, ...currentAddresses(object) });
  const hook = () => {
    const handle = handleOf(socket);
    if (handle) hookHandle(handle, objects.recorder, about);
  };
  hook();
  // A connect that tries several addresses takes a new handle for each.
  socket.on('connectionAttempt', hook);
  socket.on('connect', () => emitted('connect'));
  socket.on('end', () => emitted('end'));
  socket.on('timeout', () => emitted('timeout'));
  socket.on('drain', () => emitted('drain'));
  socket.on('error', (error) => emitted('error', { code: codeOf(error), detail: { message: error.message } }));
  socket.on('close', (hadError) => emitted('close', { detail: { hadError } }));
  // Listening for 'data' makes a socket flow, unless pause() or pauseOnConnect came first.
  socket.on('data', (chunk) => emitted('data', { bytes: chunk.length, text: printable(chunk) }, chunk));
  return object;
};

// The servers, sockets and bound handles a node process holds, by the names the script knows them by.
import type { BoundSocket, Server, Socket } from 'node:net';
import type { Endpoint } from '../../record/endpoint.ts';
import { failure } from '../errno.ts';
import type { Addresses, Recorder } from '../recorder.ts';
import { createReactions, type Reactions } from './reactions.ts';
import { addressesOf, handleOf } from './tcp-handle.ts';

export type SocketObject = {
  kind: 'socket';
  target: string;
  socket: Socket;
  /** The server that accepted it. */
  server?: string;
  /** Kept, because the kernel no longer tells them once the socket is closed or reset. */
  known: Addresses;
  /** Record an event and react to it. */
  emitted(name: string, more?: object, chunk?: Buffer): void;
};
export type ServerObject = { kind: 'server'; target: string; server: Server; known: Addresses };
export type BoundObject = { kind: 'handle'; target: string; bound: BoundSocket; known: Addresses };
export type NodeObject = SocketObject | ServerObject | BoundObject;

export type Objects = {
  recorder: Recorder;
  reactions: Reactions;
  /** The next free name of a kind: `socket-1`, `socket-2`. */
  nextName(kind: NodeObject['kind']): string;
  add<Added extends NodeObject>(object: Added): Added;
  /** Throws EBADF for a name nothing bears. */
  find(target: string | undefined): NodeObject;
  addresses(target: string | undefined): Addresses;
};

export const createObjects = (recorder: Recorder): Objects => {
  const objects = new Map<string, NodeObject>();
  const counts = { socket: 0, server: 0, handle: 0 };
  return {
    recorder,
    reactions: createReactions(),
    nextName: (kind) => `${kind}-${++counts[kind]}`,
    add: (object) => {
      objects.set(object.target, object);
      return object;
    },
    find: (target) => {
      const object = objects.get(String(target));
      if (!object)
        throw failure(
          'EBADF',
          `There is no ${target} in this process: it has ${[...objects.keys()].join(', ') || 'nothing yet'}.`,
        );
      return object;
    },
    addresses: (target) => {
      const object = objects.get(String(target));
      return object ? currentAddresses(object) : {};
    },
  };
};

/** Asks the kernel, and falls back on what it said last. */
export const currentAddresses = (object: NodeObject): Addresses => {
  if (object.kind !== 'handle') {
    const { local, remote } = addressesOf(handleOf(object.kind === 'socket' ? object.socket : object.server));
    object.known = { local: local ?? object.known.local, remote: remote ?? object.known.remote };
  }
  return object.known;
};

/** Where a script says a connect goes, if it says so by address. */
export const givenEndpoint = (address: unknown, port: unknown): Endpoint | undefined =>
  typeof address === 'string' && typeof port === 'number' ? { address, port } : undefined;

// The calls on a socket, by their own names and with their own arguments. Those that may block are made on a thread,
// the others at once. Every descriptor is close-on-exec: only `share` passes one on, and then exactly that one.

import type { Outcome } from '../../control/replies.ts';
import type { Libc } from '../libc.ts';
import { getOption, setOption } from '../option-calls.ts';
import { bytesOf, printable } from '../payload.ts';
import { decodeSocketAddress, encodeSocketAddress, socketAddressLength } from '../socket-address.ts';
import { closeOnExec, messageFlags, namesOf, numberOf, pollEvents, shutdownWays } from './constants.ts';
import { type RawCall, socketName, targetOf } from './descriptors.ts';

export const socketCalls: Record<string, RawCall> = {
  bind: ({ libc, descriptors }, fd: number, port: number, address?: string) => {
    const bytes = encodeSocketAddress({ port, address });
    return { value: libc.call('bind', fd, bytes, bytes.length), ...descriptors.learn(fd) };
  },

  listen: ({ libc, descriptors }, fd: number, backlog: number) => ({
    value: libc.call('listen', fd, backlog),
    ...descriptors.learn(fd),
  }),

  accept: async ({ libc, descriptors }, fd: number) => {
    const address = Buffer.alloc(socketAddressLength);
    const length = Buffer.from(Uint32Array.of(address.length).buffer);
    const accepted = await libc.callBlocking('accept4', fd, address, length, closeOnExec);
    const remote = decodeSocketAddress(address);
    return { value: accepted, target: targetOf(accepted), ...descriptors.learn(accepted, { remote }) };
  },

  connect: async ({ libc, descriptors }, fd: number, port: number, address: string) => {
    const bytes = encodeSocketAddress({ port, address });
    const given = { remote: { address, port } };
    descriptors.reconnect(fd);
    // connect(2) takes a port at once and loses it when it fails: ask while it is under way.
    const asking = setTimeout(descriptors.learn, 5, fd, given);
    try {
      return { value: await libc.callBlocking('connect', fd, bytes, bytes.length) };
    } finally {
      clearTimeout(asking);
      descriptors.learn(fd, given);
    }
  },

  send: async ({ libc }, fd: number, data: unknown, flags: unknown = 0) => {
    const bytes = bytesOf(data);
    return { value: await libc.callBlocking('send', fd, bytes, bytes.length, numberOf(messageFlags, flags)) };
  },
  write: async ({ libc }, fd: number, data: unknown) => {
    const bytes = bytesOf(data);
    return { value: await libc.callBlocking('write', fd, bytes, bytes.length) };
  },

  recv: ({ libc }, fd: number, length = 65536, flags: unknown = 0) =>
    receive(libc, 'recv', fd, length, numberOf(messageFlags, flags)),
  read: ({ libc }, fd: number, length = 65536) => receive(libc, 'read', fd, length),

  shutdown: ({ libc }, fd: number, how: unknown) => ({ value: libc.call('shutdown', fd, numberOf(shutdownWays, how)) }),

  // On a thread, because SO_LINGER can make it block.
  close: async ({ libc, descriptors }, fd: number) => {
    const addresses = descriptors.addresses(fd);
    // Forgotten before the call: from then on the number may be another socket's.
    descriptors.forget(fd);
    return { ...addresses, value: await libc.callBlocking('close', fd) };
  },

  dup: ({ libc, descriptors }, fd: number) => {
    const copy = libc.call('fcntl', fd, duplicateCloseOnExec, 0);
    return { value: copy, target: targetOf(copy), ...descriptors.learn(copy, descriptors.addresses(fd)) };
  },

  setsockopt: ({ libc }, fd: number, level: unknown, name: unknown, value: unknown) => {
    setOption(libc, fd, [level, name, value]);
    return { value: 0 };
  },
  /** `length`: of the buffer, where it is not to be what the option needs. */
  getsockopt: ({ libc }, fd: number, level: unknown, name: unknown, length?: number) => ({
    value: 0,
    ...getOption(libc, fd, [level, name], length),
  }),

  getsockname: ({ libc }, fd: number) => ({ value: 0, local: socketName(libc, fd, 'getsockname') }),
  getpeername: ({ libc }, fd: number) => ({ value: 0, remote: socketName(libc, fd, 'getpeername') }),

  /** `timeout` in milliseconds; -1 waits for ever. The value counts the ready descriptors. */
  poll: async ({ libc }, fd: number, events: unknown = 'POLLIN', timeout = -1) => {
    const entry = Buffer.alloc(8);
    entry.writeInt32LE(fd, 0);
    entry.writeInt16LE(numberOf(pollEvents, events), 4);
    const ready = await libc.callBlocking('poll', entry, 1, timeout);
    return { value: ready, revents: namesOf(pollEvents, entry.readInt16LE(6)) };
  },

  /** Only `F_GETFL`: the value is the bits. */
  fcntl: ({ libc }, fd: number, command: unknown) => ({
    value: libc.call('fcntl', fd, numberOf({ F_GETFL: getStatusFlags }, command), 0),
  }),
  nonblock: ({ libc }, fd: number, on = true) => {
    const flags = libc.call('fcntl', fd, getStatusFlags, 0);
    return { value: libc.call('fcntl', fd, setStatusFlags, on ? flags | nonBlocking : flags & ~nonBlocking) };
  },
};

const receive = async (
  libc: Libc,
  call: 'recv' | 'read',
  fd: number,
  length: number,
  ...flags: number[]
): Promise<Outcome> => {
  const buffer = Buffer.alloc(length);
  const bytes = await libc.callBlocking(call, fd, buffer, length, ...flags);
  return { value: bytes, bytes, text: printable(buffer.subarray(0, bytes)) };
};

// include/uapi/asm-generic/fcntl.h and include/uapi/linux/fcntl.h
const getStatusFlags = 3;
const setStatusFlags = 4;
const nonBlocking = 0o4000;
const duplicateCloseOnExec = 1030;

// The descriptors of a raw process as the script names them, with what is known of their addresses.

import type { Outcome } from '../../control/replies.ts';
import type { Endpoint } from '../../record/endpoint.ts';
import type { Libc } from '../libc.ts';
import type { Addresses, Recorder } from '../recorder.ts';
import { decodeSocketAddress, socketAddressLength } from '../socket-address.ts';

export type Descriptors = ReturnType<typeof createDescriptors>;
/** What a call works with. */
export type RawContext = { libc: Libc; descriptors: Descriptors; recorder: Recorder };
export type RawCall = (context: RawContext, ...args: never[]) => Outcome | Promise<Outcome>;

export const createDescriptors = (libc: Libc) => {
  const known = new Map<number, Addresses>();
  const ask = (fd: number, call: 'getsockname' | 'getpeername') => {
    try {
      return socketName(libc, fd, call);
    } catch {
      return undefined;
    }
  };
  return {
    /** What was learnt last, so that a call is not preceded by others the script did not ask for. */
    addresses: (fd: number): Addresses => known.get(fd) ?? {},
    /** Ask the kernel after a call that may have changed them. A failed answer keeps what was known. */
    learn: (fd: number, given: Addresses = {}): Addresses => {
      const { local, remote } = known.get(fd) ?? {};
      const now = {
        local: bound(ask(fd, 'getsockname')) ?? given.local ?? local,
        remote: ask(fd, 'getpeername') ?? given.remote ?? remote,
      };
      known.set(fd, now);
      return now;
    },
    /** Before a connect: what was known of an earlier peer is over, only a port it was bound to stays. */
    reconnect: (fd: number): void =>
      void known.set(fd, { local: bound(ask(fd, 'getsockname')), remote: ask(fd, 'getpeername') }),
    forget: (fd: number) => known.delete(fd),
  };
};

/** getsockname(2) or getpeername(2). */
export const socketName = (libc: Libc, fd: number, call: 'getsockname' | 'getpeername'): Endpoint | undefined => {
  const address = Buffer.alloc(socketAddressLength);
  libc.call(call, fd, address, Buffer.from(Uint32Array.of(address.length).buffer));
  return decodeSocketAddress(address);
};

/** `fd 5` for 5, the way a record names a descriptor. */
export const targetOf = (fd: number): string => `fd ${fd}`;

/** 5 for `fd 5`. */
export const descriptorOf = (target: string | undefined): number => Number(target?.slice('fd '.length));

// A socket without a port yet is not bound.
const bound = (endpoint: Endpoint | undefined) => (endpoint?.port ? endpoint : undefined);

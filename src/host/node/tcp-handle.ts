// The libuv handle inside a Node socket or server: private in Node, and the only place where the system calls of Node
// itself show.
import type { Server, Socket } from 'node:net';
import type { Endpoint } from '../../record/endpoint.ts';
import type { Addresses } from '../recorder.ts';

export type TcpHandle = {
  fd: number;
  getsockname(into: object): number;
  getpeername(into: object): number;
  shutdown(request: ShutdownRequest): number;
  onconnection?: (this: TcpHandle, status: number, client?: TcpHandle) => void;
};
export type ShutdownRequest = { oncomplete(this: ShutdownRequest, status: number): void };

/** Nothing before the call that opens it, and after it was closed. */
export const handleOf = (owner: Socket | Server): TcpHandle | undefined =>
  (owner as unknown as { _handle: TcpHandle | null })._handle ?? undefined;

/** Asked of the kernel each time: Node's own getters keep what they learnt before a connect. */
export const addressesOf = (handle: TcpHandle | undefined): Addresses => ({
  local: handle && endpointFrom(handle, 'getsockname'),
  remote: handle && endpointFrom(handle, 'getpeername'),
});

const endpointFrom = (handle: TcpHandle, call: 'getsockname' | 'getpeername'): Endpoint | undefined => {
  const into: { address?: string; port?: number } = {};
  const status = handle[call](into);
  if (status !== 0 || into.address === undefined || !into.port) return undefined;
  return { address: into.address.replace(/^::ffff:/, ''), port: into.port };
};

// struct sockaddr_in, to and from an endpoint.
import { isIPv4 } from 'node:net';
import type { Endpoint } from '../timeline/schema.ts';
import { failure } from './errno.ts';

/** Bytes a buffer needs for an IPv4 socket address. */
export const socketAddressLength = 16;

/** The bytes bind(2) and connect(2) want. */
export const encodeSocketAddress = ({ address = '0.0.0.0', port = 0 }: Partial<Endpoint>): Buffer => {
  if (!isIPv4(address))
    throw failure('EINVAL', `Cannot use the address ${address}: a raw process takes IPv4 addresses only.`);
  const bytes = Buffer.alloc(socketAddressLength);
  bytes.writeUInt16LE(familyInet, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(address.split('.').map(Number), 4);
  return bytes;
};

/** Nothing when the bytes are not an IPv4 socket address. */
export const decodeSocketAddress = (bytes: Buffer): Endpoint | undefined =>
  bytes.readUInt16LE(0) === familyInet
    ? { address: bytes.subarray(4, 8).join('.'), port: bytes.readUInt16BE(2) }
    : undefined;

const familyInet = 2;

// struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)), to and from an endpoint.
import { isIPv4, isIPv6 } from 'node:net';
import { parseAddress6, readAddress6 } from '../packet/ipv6.ts';
import type { Endpoint } from '../record/endpoint.ts';
import { failure } from './errno.ts';

/** Bytes a buffer needs for a socket address of either family. */
export const socketAddressLength = 28;

/** The bytes bind(2) and connect(2) want. */
export const encodeSocketAddress = ({ address = '0.0.0.0', port = 0 }: Partial<Endpoint>): Buffer => {
  if (!isIPv4(address) && !isIPv6(address))
    throw failure('EINVAL', `Cannot use the address ${address}: write an IPv4 or an IPv6 address.`);
  const bytes = Buffer.alloc(isIPv4(address) ? 16 : socketAddressLength);
  bytes.writeUInt16LE(isIPv4(address) ? familyInet : familyInet6, 0);
  bytes.writeUInt16BE(port, 2);
  if (isIPv4(address)) bytes.set(address.split('.').map(Number), 4);
  else bytes.set(parseAddress6(address), 8);
  return bytes;
};

/** Nothing when the bytes are no Internet socket address. */
export const decodeSocketAddress = (bytes: Buffer): Endpoint | undefined => {
  const family = bytes.readUInt16LE(0);
  const port = bytes.readUInt16BE(2);
  if (family === familyInet) return { address: bytes.subarray(4, 8).join('.'), port };
  if (family === familyInet6) return { address: readAddress6(bytes.subarray(8, 24)), port };
  return undefined;
};

const familyInet = 2;
const familyInet6 = 10;

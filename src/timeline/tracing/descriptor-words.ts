// How strace writes descriptors and addresses (its option -yy).
import { type Endpoint, plainAddress } from '../../record/endpoint.ts';

/** A descriptor of a TCP socket, and the addresses the kernel gave it: neither before it is bound. */
export type TcpDescriptor = { fd: number; local?: Endpoint; remote?: Endpoint };

/** `18<TCP:[192.0.2.1:40000->192.0.2.2:9000]>`; undefined for a descriptor of anything else. */
export const tcpDescriptorOf = (word: string | undefined): TcpDescriptor | undefined => {
  const { fd, ends } = /^(?<fd>\d+)<TCP(?:v6)?:\[(?<ends>.*)\]>$/.exec(word ?? '')?.groups ?? {};
  if (fd === undefined || ends === undefined) return undefined;
  const [local, remote] = ends.split('->').map(endpointOf);
  return { fd: Number(fd), ...(local && { local }), ...(remote && { remote }) };
};

/** `192.0.2.1:40000`, `[2001:db8::1]:40000`; undefined for the inode that stands in place of an address. */
const endpointOf = (word: string): Endpoint | undefined => {
  const { address, port } = /^\[?(?<address>[^\]]*)\]?:(?<port>\d+)$/.exec(word)?.groups ?? {};
  return address === undefined ? undefined : { address: plainAddress(address), port: Number(port) };
};

/** A socket address (struct sockaddr_in, sockaddr_in6). */
export const sockaddrOf = (word: string | undefined): Endpoint | undefined => {
  const { port } = /sin6?_port=htons\((?<port>\d+)\)/.exec(word ?? '')?.groups ?? {};
  const { four, six } =
    /sin_addr=inet_addr\("(?<four>[^"]*)"\)|inet_pton\(AF_INET6, "(?<six>[^"]*)"/.exec(word ?? '')?.groups ?? {};
  const address = four ?? six;
  return port === undefined || address === undefined
    ? undefined
    : { address: plainAddress(address), port: Number(port) };
};

/** The number in `3`, `3<…>`, `-1`; undefined where there is none. */
export const numberOf = (word: string | undefined): number | undefined => {
  const [number] = /^-?\d+/.exec(word ?? '') ?? [];
  return number === undefined ? undefined : Number(number);
};

// A process that makes the socket calls itself, in a script.
import type { Data, HostIdentity, Process } from './process.ts';

/** The level of a socket option. */
export type SocketLevel = 'SOL_SOCKET' | 'IPPROTO_TCP';

/**
 * The value of a socket option: a whole number, a text for TCP_CONGESTION, seconds for SO_RCVTIMEO; `{ on, seconds }`
 * is SO_LINGER's, and no other.
 */
export type OptionValue = number | string | { on: boolean; seconds: number };

/** A process that makes the socket calls itself. Each resolves when the call has returned and the wire is quiet. */
export type RawProcess = Process &
  RawCalls<Result> & {
    /** Begin a call that may block; resolves when the wire is quiet. `returned` resolves when the call returns. */
    start: RawCalls<{ returned: Promise<Result> }>;
    /** Start a child process that shares a descriptor, as fork(2) would. */
    share(descriptor: number, options?: { name?: string }): Promise<{ process: RawProcess; descriptor: number }>;
    /** _exit(2). Default 0. */
    exit(code?: number): Promise<void>;
  };

/** What a call returned. */
export type Result = {
  /** What the call itself gives: of `socket`, `accept` and `dup` a descriptor; -1 when it failed. */
  value: number;
  /** Why it failed: `ECONNRESET` and so on. */
  errno?: string;
  /** What `recv` brought, the first 200 characters, where they are text. */
  text?: string;
  /** How many bytes `recv` brought. */
  bytes?: number;
  /** What `getsockopt` found. */
  option?: unknown;
};

/** The socket calls of a raw process, by their own names. One that fails is a result with `errno`, never an exception. */
export type RawCalls<R> = {
  /** socket(2). `AF_INET6` for addresses such as `server.address6`. Default `AF_INET`. */
  socket(domain?: 'AF_INET' | 'AF_INET6'): Promise<R>;
  /** bind(2). `address` default: the host's IPv4 address. */
  bind(descriptor: number, port: number, address?: string): Promise<R>;
  /** listen(2) */
  listen(descriptor: number, backlog: number): Promise<R>;
  /** accept(2) */
  accept(descriptor: number): Promise<R>;
  /** connect(2) */
  connect(descriptor: number, to: HostIdentity | string, port: number): Promise<R>;
  /** send(2). `flags` by name: `['MSG_NOSIGNAL']`. Default none. */
  send(descriptor: number, data: Data, flags?: string[]): Promise<R>;
  /** recv(2), `bytes` at most. `flags` by name: `['MSG_PEEK']`. Default none. */
  recv(descriptor: number, bytes: number, flags?: string[]): Promise<R>;
  /** shutdown(2) */
  shutdown(descriptor: number, how: 'SHUT_RD' | 'SHUT_WR' | 'SHUT_RDWR'): Promise<R>;
  /** setsockopt(2), by symbolic names. */
  setsockopt(descriptor: number, level: SocketLevel, option: string, value: OptionValue): Promise<R>;
  /** getsockopt(2); `option` of the result holds the value. */
  getsockopt(descriptor: number, level: SocketLevel, option: string): Promise<R>;
  /** O_NONBLOCK on or off (fcntl(2)). */
  nonblock(descriptor: number, on: boolean): Promise<R>;
  /** dup(2) */
  dup(descriptor: number): Promise<R>;
  /** close(2) */
  close(descriptor: number): Promise<R>;
};

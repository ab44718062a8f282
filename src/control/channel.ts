// Control between the collector and the parts of a lab: messages over a Unix socket, so that none of it ever shows on
// the wire or in ss. What comes from the far side is not believed: a message that is none ends this one connection, and
// whoever reads it is told why.

import { connect, createServer, type Server, type Socket } from 'node:net';
import { fieldIn, textIn } from '../record/fields.ts';
import { errorCodeOf, messageOf } from '../record/thrown.ts';
import { decoder, encode, type Header, type Limits, type Message } from './frame.ts';

export type { Header } from './frame.ts';
/** Answers a request; what it returns (or resolves to) is the reply's `value`. Notifications get no reply. */
export type Handler = (header: Header, bytes: Buffer) => unknown;

/** The far side refused a request, did not answer in time (ELATE), or the channel closed before it answered (ECHANNEL). */
export class ControlError extends Error {
  override name = 'ControlError';
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

export type Channel = {
  /** Send without expecting an answer. */
  notify(header: Header, bytes?: Buffer): void;
  /**
   * Send and wait for the answer, `withinMs` milliseconds at most (answerWithinMs, or untilTheRunEnds).
   * Throws ControlError when the far side fails, goes away or says nothing.
   */
  request(header: Header, bytes?: Buffer, withinMs?: number): Promise<Header & { value?: unknown }>;
  /** Resolves when the far side is gone. */
  closed: Promise<void>;
  isClosed(): boolean;
  close(): void;
  /** Let the process end although the channel is open. */
  unref(): void;
  /** The far side has proved who it is: its messages may be long from now on, and `name` is what sentences call it. */
  trust(name: string): void;
};

type Settings = {
  /** Who is at the far side, for sentences. */
  name?: string;
  /** Nobody knows yet who is at the far side: until `trust` only short messages are read. */
  stranger?: boolean;
  /** The far side sent what is no message, or one that the handler did not take; its connection has been ended. */
  onFault?(reason: string): void;
};

/** Far above what any part needs on a busy machine: who says nothing for so long has stopped. */
const answerWithinMs = 15_000;
/** For calls and ends, which take as long as the script has them take: the time of the run, or Ctrl-C, ends the wait. */
export const untilTheRunEnds = Number.POSITIVE_INFINITY;

/** Speak over a connected socket. */
export const openChannel = (socket: Socket, handler: Handler, settings: Settings = {}): Channel => {
  const waiting = new Map<unknown, Waiting>();
  const { promise: closed, resolve: markClosed } = Promise.withResolvers<void>();
  const limits: Limits = { ...(settings.stranger ? forStrangers : forParts) };
  let name = settings.name ?? 'the other side';
  let nextId = 1;
  let open = true;

  const send = (header: Header, bytes?: Buffer) => {
    if (open) socket.write(encode(header, bytes));
  };
  const fault = (error: unknown) => {
    if (!open) return;
    end();
    settings.onFault?.(messageOf(error));
  };
  const end = () => {
    open = false;
    socket.destroy();
  };
  const refuse = (id: unknown, error: unknown) => {
    if (id === undefined) fault(error);
    else send({ re: id, error: { message: messageOf(error), code: errorCodeOf(error) ?? 'EFAULT' } });
  };
  const answer = ({ header, bytes }: Message) => {
    const { id } = header;
    try {
      const value = handler(header, bytes);
      // Most answers are ready at once, and a frame waits on the wire for them.
      if (value instanceof Promise) {
        value.then(
          (late) => id !== undefined && send({ re: id, value: late }),
          (error) => refuse(id, error),
        );
      } else if (id !== undefined) send({ re: id, value });
    } catch (error) {
      refuse(id, error);
    }
  };
  const receive = (message: Message) => {
    if (!open) return;
    const { re, error } = message.header;
    if (re === undefined) return answer(message);
    const request = waiting.get(re);
    if (!request) return; // it came too late
    waiting.delete(re);
    clearTimeout(request.timer);
    if (error === undefined) return request.resolve(message.header);
    request.reject(new ControlError(String(fieldIn(error, 'message')), textIn(error, 'code') ?? 'EFAULT'));
  };

  const late = (id: number, what: unknown, withinMs: number) => {
    const words = `No answer to '${what}' from ${name} within ${withinMs / 1000} s: it has stopped.`;
    waiting.get(id)?.reject(new ControlError(words, 'ELATE'));
    waiting.delete(id);
  };

  const decode = decoder(limits, receive);
  socket.on('data', (chunk: Buffer) => {
    try {
      decode(chunk);
    } catch (error) {
      fault(error);
    }
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    open = false;
    for (const { reject, timer } of waiting.values()) {
      clearTimeout(timer);
      reject(new ControlError('the channel closed before the answer came', 'ECHANNEL'));
    }
    waiting.clear();
    markClosed();
  });

  return {
    notify: send,
    request: (header, bytes, withinMs = answerWithinMs) => {
      if (!open) return Promise.reject(new ControlError('the channel is closed', 'ECHANNEL'));
      const id = nextId++;
      const { promise, resolve, reject } = Promise.withResolvers<Header>();
      const timer = withinMs === untilTheRunEnds ? undefined : setTimeout(late, withinMs, id, header.do, withinMs);
      waiting.set(id, { resolve, reject, timer });
      send({ ...header, id }, bytes);
      return promise;
    },
    closed,
    isClosed: () => !open,
    close: end,
    unref: () => socket.unref(),
    trust: (known) => {
      name = known;
      Object.assign(limits, forParts);
    },
  };
};

/** Connect to the collector's control socket and introduce yourself. */
export const dial = async (path: string, hello: Header, handler: Handler): Promise<Channel> => {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const channel = openChannel(socket, handler, { name: 'the collector' });
  channel.notify({ hello });
  return channel;
};

/** Wait for parts of the lab to call. `onCall` gets the socket before anything is read from it. */
export const answerCalls = async (path: string, onCall: (socket: Socket) => void): Promise<Server> => {
  const server = createServer(onCall);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  // Too many descriptors are open (accept(2)): whoever could not be let in may try again.
  server.on('error', () => {});
  return server;
};

type Waiting = { resolve(value: Header): void; reject(error: Error): void; timer?: NodeJS.Timeout };

/** A sample of ten thousand sockets is 6 MB; a frame 64 KiB, a piece of a capture as much as a pipe holds. */
const forParts: Limits = { header: 64 * 2 ** 20, bytes: 4 * 2 ** 20 };
const forStrangers: Limits = { header: 4096, bytes: 0 };

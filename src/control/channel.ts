// Control between the collector and the parts of a lab: messages over a Unix socket, so that none of it ever shows on the wire or in ss.
// A message is a JSON header and, optionally, bytes: two lengths (32 bits, big-endian), then the one, then the other.
import { connect, createServer, type Server, type Socket } from 'node:net';

export type Header = Record<string, unknown>;
export type Message = { header: Header; bytes: Buffer };
/** Answers a request; what it returns (or resolves to) is the reply's `value`. Notifications get no reply. */
export type Handler = (header: Header, bytes: Buffer) => unknown;

/** The far side refused a request, or the channel closed before it answered. */
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
  /** Send and wait for the answer. Throws ControlError when the far side fails or goes away. */
  request(header: Header, bytes?: Buffer): Promise<Header & { value?: unknown }>;
  /** Resolves when the far side is gone. */
  closed: Promise<void>;
  isClosed(): boolean;
  close(): void;
  /** Let the process end although the channel is open. */
  unref(): void;
};

/** Speak over a connected socket. */
export const openChannel = (socket: Socket, handler: Handler): Channel => {
  const waiting = new Map<number, { resolve(value: Header): void; reject(error: Error): void }>();
  const { promise: closed, resolve: markClosed } = Promise.withResolvers<void>();
  let nextId = 1;
  let open = true;

  const send = (header: Header, bytes: Buffer = noBytes) => {
    if (open) socket.write(encode(header, bytes));
  };
  const answer = async ({ header, bytes }: Message) => {
    const { id } = header;
    try {
      const value = await handler(header, bytes);
      if (id !== undefined) send({ re: id, value });
    } catch (error) {
      const { message, code = 'EFAULT' } = error as Error & { code?: string };
      if (id === undefined) throw error;
      send({ re: id, error: { message, code } });
    }
  };
  const receive = (message: Message) => {
    const { re, error } = message.header as { re?: number; error?: { message: string; code: string } };
    if (re === undefined) return void answer(message);
    const request = waiting.get(re);
    waiting.delete(re);
    if (error) request?.reject(new ControlError(error.message, error.code));
    else request?.resolve(message.header);
  };

  socket.on('data', decoder(receive));
  socket.on('error', () => {});
  socket.on('close', () => {
    open = false;
    for (const { reject } of waiting.values())
      reject(new ControlError('the channel closed before the answer came', 'ECHANNEL'));
    waiting.clear();
    markClosed();
  });

  return {
    notify: send,
    request: (header, bytes) => {
      if (!open) return Promise.reject(new ControlError('the channel is closed', 'ECHANNEL'));
      const id = nextId++;
      const { promise, resolve, reject } = Promise.withResolvers<Header>();
      waiting.set(id, { resolve, reject });
      send({ ...header, id }, bytes);
      return promise;
    },
    closed,
    isClosed: () => !open,
    close: () => socket.destroy(),
    unref: () => socket.unref(),
  };
};

/** Connect to the collector's control socket and introduce yourself. */
export const dial = async (path: string, hello: Header, handler: Handler): Promise<Channel> => {
  const socket = connect(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const channel = openChannel(socket, handler);
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
  return server;
};

const noBytes = Buffer.alloc(0);

const encode = (header: Header, bytes: Buffer): Buffer => {
  const json = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.allocUnsafe(8);
  lengths.writeUInt32BE(json.length, 0);
  lengths.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([lengths, json, bytes]);
};

const decoder = (onMessage: (message: Message) => void) => {
  let rest: Buffer = noBytes;
  return (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 8) {
      const jsonEnd = 8 + rest.readUInt32BE(0);
      const end = jsonEnd + rest.readUInt32BE(4);
      if (rest.length < end) return;
      const header = JSON.parse(rest.toString('utf8', 8, jsonEnd)) as Header;
      const bytes = rest.subarray(jsonEnd, end);
      rest = rest.subarray(end);
      onMessage({ header, bytes });
    }
  };
};

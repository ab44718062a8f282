// A process of Node's in a script: its servers and sockets.
import type { Data, HostIdentity, Process, WaitOptions } from './process.ts';
import type { OptionValue, SocketLevel } from './raw.ts';

/** Options of net.createServer() and server.listen(). */
export type ListenOptions = {
  /** The address to listen on. Default: the host's IPv4 address. */
  address?: string;
  /** How many connections may wait for accept() (listen(2)). Default 511, Node's own. */
  backlog?: number;
  /** Do not end accepted sockets when the peer has ended. Default false: Node ends them by itself. */
  allowHalfOpen?: boolean;
  /** Accepted sockets are not read from: bytes stay in the kernel. Default false. */
  pauseOnConnect?: boolean;
  /** TCP_NODELAY on accepted sockets. Default false. */
  noDelay?: boolean;
  /** SO_KEEPALIVE on accepted sockets. Default false. */
  keepAlive?: boolean;
  /** TCP_KEEPIDLE in milliseconds, whole seconds of it. Default 0: the kernel's. */
  keepAliveInitialDelay?: number;
};

/** Options of net.connect(). */
export type ConnectOptions = {
  /** The port to connect from. Default: one the kernel chooses. */
  localPort?: number;
  /** Do not end the socket when the peer has ended. Default false: Node ends it by itself. */
  allowHalfOpen?: boolean;
  /** TCP_NODELAY. Default false. */
  noDelay?: boolean;
  /** SO_KEEPALIVE. Default false. */
  keepAlive?: boolean;
  /** TCP_KEEPIDLE in milliseconds, whole seconds of it. Default 0: the kernel's. */
  keepAliveInitialDelay?: number;
  /** Emit 'timeout' after this many milliseconds without activity; nothing else happens then. Default: never. */
  timeout?: number;
  /** Abort the attempt through an AbortSignal after this many milliseconds. Default: never. */
  abortAfterMs?: number;
};

/** A real Node process. Methods are those of the `net` module. */
export type NodeProcess = Process & {
  /** net.createServer().listen(): resolves once 'listening' or 'error' was emitted. */
  listen(port: number, options?: ListenOptions): Promise<NodeServer>;
  /** Bind a port without listening: a socket in CLOSED that ss does not list. */
  bind(port: number): Promise<NodeHandle>;
  /** net.connect(): resolves when the wire is quiet; what came of it is recorded. */
  connect(to: HostIdentity | string, port: number, options?: ConnectOptions): Promise<NodeSocket>;
  /**
   * The next accepted connection, of whichever server of the process, that no earlier call has given out. Default
   * timeout 30,000.
   */
  accepted(options?: WaitOptions): Promise<NodeSocket>;
  /** process.exit(code). Default 0. */
  exit(code?: number): Promise<void>;
  /** End by an uncaught exception. */
  crash(): Promise<void>;
};

/** What `bind` has bound. */
export type NodeHandle = {
  /** listen(2) on the bound handle. */
  listen(options?: ListenOptions): Promise<NodeServer>;
};

/** What a process shall do by itself, without the script's round trip, when an event happens. */
export type Reaction = {
  /** The event. 'connection' is one of a server: the reaction is done on the accepted socket. */
  on: 'connection' | 'data' | 'end' | 'error' | 'timeout';
  /** The call on the socket. 'echo' writes back what 'data' brought. */
  do: 'end' | 'destroy' | 'write' | 'resetAndDestroy' | 'pause' | 'resume' | 'echo' | 'setsockopt';
  /** The arguments of 'write', 'end' and 'setsockopt'. Default none. */
  args?: unknown[];
  /** Do it this many milliseconds later. Default: in the event's own turn. */
  afterMs?: number;
};

/** A net.Server in a Node process. */
export type NodeServer = {
  /** Its name in the timeline: `server-1`. */
  readonly name: string;
  /** server.close(): no new connections; those there are go on. */
  close(): Promise<void>;
  /** The next connection this server has accepted that no earlier call has given out. Default timeout 30,000. */
  accepted(options?: WaitOptions): Promise<NodeSocket>;
  /** React to an event of each socket this server accepts. */
  react(reaction: Reaction): Promise<void>;
  /** Wait for an event of the server; one that happened before counts, unless given out already. Default timeout 30,000. */
  event(name: ServerEvent, options?: WaitOptions): Promise<SeenEvent>;
};

/** What a net.Server emits. 'drop': it had as many connections as it may. */
export type ServerEvent = 'listening' | 'connection' | 'close' | 'error' | 'drop';

/** What a net.Socket emits. 'writeError' stands for the error that Node gives to the callback of write() alone. */
export type SocketEvent = 'connect' | 'data' | 'end' | 'error' | 'close' | 'timeout' | 'drain' | 'writeError';

/** An event that was emitted. */
export type SeenEvent = {
  /** Its name. */
  name: string;
  /** 'data': how many. */
  bytes?: number;
  /** 'data': the first 200 characters, where they are text. */
  text?: string;
  /** 'error': `ECONNRESET` and so on. */
  code?: string;
  /** What else it carried: the message of an error, `hadError` of 'close'. */
  detail?: Record<string, unknown>;
};

/** A net.Socket in a Node process. */
export type NodeSocket = {
  /** Its name in the timeline: `socket-1`. */
  readonly name: string;
  /** socket.write() */
  write(data: Data): Promise<void>;
  /** socket.end(): what is to be sent is sent, then a FIN. */
  end(data?: Data): Promise<void>;
  /** socket.destroy(): close(2) at once. */
  destroy(): Promise<void>;
  /** socket.resetAndDestroy(): a RST. */
  resetAndDestroy(): Promise<void>;
  /** socket.pause(). Node has already asked for one more read. */
  pause(): Promise<void>;
  /** socket.resume() */
  resume(): Promise<void>;
  /** socket.setKeepAlive(). `initialDelayMs` default 0: the kernel's. */
  setKeepAlive(on: boolean, initialDelayMs?: number): Promise<void>;
  /** socket.setNoDelay(): TCP_NODELAY. */
  setNoDelay(on: boolean): Promise<void>;
  /** socket.setTimeout(): 'timeout' after so long without activity; 0 switches it off. */
  setTimeout(milliseconds: number): Promise<void>;
  /** setsockopt(2) on the socket's descriptor, by symbolic names: `('IPPROTO_TCP', 'TCP_KEEPCNT', 3)`. */
  setsockopt(level: SocketLevel, option: string, value: OptionValue): Promise<void>;
  /** getsockopt(2) on the socket's descriptor; resolves to the value, in the form `setsockopt` takes. */
  getsockopt(level: SocketLevel, option: string): Promise<unknown>;
  /** React to an event of this socket; not to 'connection', which is a server's. */
  react(reaction: Reaction): Promise<void>;
  /** Start a child process that shares this socket's descriptor, as fork(2) would. Its first socket is this one. */
  share(options?: { name?: string }): Promise<{ process: NodeProcess; socket: NodeSocket }>;
  /** Wait for an event; one that happened before counts, unless given out already. Default timeout 30,000. */
  event(name: SocketEvent, options?: WaitOptions): Promise<SeenEvent>;
  /** Wait until the application has received at least this many bytes in all; resolves to how many. Default timeout 30,000. */
  received(bytes: number, options?: WaitOptions): Promise<number>;
};

// The words an experiment's script is written in. Each call is a step: it resolves when the call has returned and the wire is quiet
// (no segment for 50 ms), unless the call is purely local. Running only records: a refused connect or a reset is evidence, never an exception.
import type { HostName } from '../record/hosts.ts';
import type { SocketRow } from '../record/samples.ts';
import type { TcpState } from '../record/tcp-state.ts';
import type { InjectedFields } from '../wire/inject.ts';
import type { WireSegment } from '../wire/segment.ts';

export type { InjectedFields, WireSegment };

/** What a script is given. */
export type Script = {
  /** The host that connects. */
  client: Host;
  /** The host that is connected to. */
  server: Host;
  /** What lies between them. */
  wire: WireControl;
  /** Name a part of the script. Findings look at one part with `during(name)`. Names are unique in a run. Gives what `script` gives. */
  stage<T>(name: string, script: () => Promise<T>): Promise<T>;
  /**
   * The same without the observer's influence, for what rests on when and how often the kernel sends again or when it gives up: segments
   * pass at once (freeRun), ss looks at the stage's beginning and end only, and the kernels begin without what they learned of each other.
   * Make the connection in the stage. In between, `untilGone` waits for what `ss -E` tells, which is silent of a
   * socket as long as a process holds it; `until` and `sockets` cannot be used.
   */
  stage<T>(name: string, options: StageOptions, script: () => Promise<T>): Promise<T>;
  /** Leave a sentence in the timeline. */
  note(text: string): void;
  /** `quick` shortens the waits that only stretch an experiment; `article` keeps the article's or the kernel's own values. */
  pace: 'quick' | 'article';
  /**
   * Play a script in packetdrill's notation, a file beside the experiment's: its segments stand for the client, whose kernel takes no part any
   * more; its system calls are made on the server, by a process and a port of their own. It ends at the first line that is not as written,
   * which `followsScript` tells. In lockstep ss looks at both hosts after each line; in freeRun it looks while the script goes on.
   */
  packetdrill(file: string): Promise<void>;
  /** Let time pass while ss is sampled every `everyMs` (default 100) milliseconds. Use it only to show that nothing happens. */
  observe(milliseconds: number, options?: { everyMs?: number }): Promise<void>;
};

/** How a stage is run. */
export type StageOptions = {
  /** Without the observer's influence on the kernels' timers. Default false. */
  undisturbed?: boolean;
};

/** How long a word waits. */
export type WaitOptions = {
  /** Give up, and end the run with an error, after this many milliseconds. Default 30,000; for `until` and `untilGone` 90,000, longer than TIME-WAIT. */
  timeoutMs?: number;
};

/** Which sockets of a host are meant: the rows of ss that have all of these. */
export type SocketFilter = {
  /** The port on the host itself. */
  localPort?: number;
  /** The port on the other host. */
  peerPort?: number;
  /** The state, in RFC 9293's spelling: `FIN-WAIT-2`. */
  state?: TcpState;
};

/** One network stack and the processes that run on it. */
export type Host = {
  /** `client` or `server`. */
  readonly name: HostName;
  /** Its IPv4 address: 192.0.2.1 for the client, 192.0.2.2 for the server. */
  readonly address: string;
  /** Its IPv6 address, in an experiment with `ipv6: true`: 2001:db8::1 for the client, 2001:db8::2 for the server. */
  readonly address6: string;
  /** Start a Node process that is driven call by call. */
  node(options?: ProcessOptions): Promise<NodeProcess>;
  /** Start a process that makes the socket calls of socket(7) itself. */
  raw(options?: ProcessOptions): Promise<RawProcess>;
  /**
   * Start any program. Its output is recorded. A name is looked for on the user's own PATH: `'node'` is the user's Node, `ownNode` is
   * finwait's. What npm puts into the environment of its scripts does not reach the program.
   */
  spawn(command: string, args?: string[], options?: SpawnOptions): Promise<Program>;
  /** Read a sysctl of this host's namespace, or set it: `sysctl('net.ipv4.tcp_fin_timeout', 5)`. Resolves to the value it had before. */
  sysctl(name: string, value?: number | string): Promise<string>;
  /**
   * Set a metric of the routes to the other host (ip-route(8)): `route('quickack', 1)` has every segment acknowledged at once. Those set
   * before stay. Connections made later heed it.
   */
  route(metric: string, value: number | string): Promise<void>;
  /** The host's sockets as ss shows them now; all of them without a filter. */
  sockets(filter?: SocketFilter): Promise<SocketRow[]>;
  /** Wait until ss shows a socket in `state`; resolves to its row. Default timeout 90,000: longer than TIME-WAIT. Samples closely only when a timer is about to fire. */
  until(state: TcpState, filter?: SocketFilter & WaitOptions): Promise<SocketRow>;
  /** Wait until ss shows no socket that fits. Default timeout 90,000. */
  untilGone(filter: SocketFilter & WaitOptions): Promise<void>;
};

/** How a process is started. */
export type ProcessOptions = {
  /** Its name in the timeline. Default: the host's name, or of a program its own; a name taken already gets a number: `client-2`. */
  name?: string;
  /** `nofile`: how many descriptors it may hold, RLIMIT_NOFILE (getrlimit(2)). Default: what finwait was started with. */
  limits?: { nofile?: number };
};

/** How a program is started. */
export type SpawnOptions = ProcessOptions & {
  /** Variables added to the user's environment, or set in place of its own. */
  env?: Record<string, string>;
  /** The folder the program starts in. Default: the folder finwait was started in. */
  cwd?: string;
};

/** What every process can be told. */
export type Process = {
  /** Its name in the timeline. */
  readonly name: string;
  /** The host it runs on. */
  readonly host: HostName;
  /** Send a signal (signal(7)); default SIGTERM. Resolves when the wire is quiet and, where the signal ends it, the process has ended: a program may catch all but SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP: the process runs no further; its sockets are the kernel's alone. */
  freeze(): Promise<void>;
  /** SIGCONT: it runs on. */
  thaw(): Promise<void>;
  /** Wait until the process has ended; resolves to its exit code, or the signal that ended it. Default timeout 30,000. */
  exited(options?: WaitOptions): Promise<{ code: number | null; signal: string | null }>;
};

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

/** What is sent. `{ bytes: 1000 }` stands for that many filler bytes. */
export type Data = string | { bytes: number };

/** A real Node process. Methods are those of the `net` module. */
export type NodeProcess = Process & {
  /** net.createServer().listen(): resolves once 'listening' or 'error' was emitted. */
  listen(port: number, options?: ListenOptions): Promise<NodeServer>;
  /** Bind a port without listening: a socket in CLOSED that ss does not list. */
  bind(port: number): Promise<NodeHandle>;
  /** net.connect(): resolves when the wire is quiet; what came of it is recorded. */
  connect(to: Host | string, port: number, options?: ConnectOptions): Promise<NodeSocket>;
  /** The next accepted connection, of whichever server of the process, that no earlier call has given out. Default timeout 30,000. */
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

/** The level of a socket option. */
export type SocketLevel = 'SOL_SOCKET' | 'IPPROTO_TCP';
/** The value of a socket option: a whole number, a text for TCP_CONGESTION, seconds for SO_RCVTIMEO; `{ on, seconds }` is SO_LINGER's, and no other. */
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
  connect(descriptor: number, to: Host | string, port: number): Promise<R>;
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

/** Any program. Its calls are not recorded, what it prints is. */
export type Program = Process & {
  /** Write to its standard input. */
  input(text: string): Promise<void>;
  /** End its standard input. */
  endInput(): Promise<void>;
  /** Wait until its output so far, stdout and stderr together, matches; resolves to all of it. Default timeout 30,000. */
  output(pattern: RegExp, options?: WaitOptions): Promise<string>;
};

/** Which segments a rule is about: `carries('FIN')`, `sent('client', 'data')`, or a condition of one's own. */
export type SegmentPredicate = {
  /** Whether a segment is meant. */
  (segment: WireSegment): boolean;
  /** What the timeline calls such segments; a condition without it is named by its line in the script. */
  readonly description?: string;
};

/** How far a rule of the wire goes. */
export type Rule = {
  /** How many segments it applies to. Default: no limit. */
  times?: number;
  /** Only segments sent by this host. Default: of both. */
  from?: HostName;
};

/** The wire under the script's control. */
export type WireControl = {
  /**
   * Deliver nothing any more, in both directions or only what one host sends: neither TCP nor anything else, neither what waited on the wire
   * (delayed, held and now released) nor what the script puts there (`replay`, `inject`). It wins over every rule.
   */
  cut(from?: HostName): Promise<void>;
  /** Undo every cut. */
  restore(): Promise<void>;
  /**
   * Take a host's only link down, or up again (ip-link(8)). While it is down its kernel has no route (connect() fails with ENETUNREACH), and
   * what the other host sends is lost. IPv4 addresses stay; the IPv6 address that `ipv6: true` gave, the routes with their metrics and the
   * permanent neighbours are there again when it comes up.
   */
  link(host: Host | HostName, state: 'down' | 'up'): Promise<void>;
  /** Lose the segments for which the predicate holds. The returned function ends the rule. */
  drop(predicate: SegmentPredicate, rule?: Rule): Promise<() => Promise<void>>;
  /** Hold such segments back until they are released. The returned function ends the rule (what is held stays held). */
  hold(predicate: SegmentPredicate, rule?: Rule): Promise<() => Promise<void>>;
  /** Deliver held segments: all in the order they came, or the given ones in the given order. */
  release(segments?: WireSegment[]): Promise<void>;
  /** The segments now held. */
  held(): WireSegment[];
  /** Deliver every later segment (or those of one host, or those that fit) this many milliseconds late. It takes the place of an earlier delay; 0 ends it. */
  delay(milliseconds: number, rule?: Rule & { predicate?: SegmentPredicate }): Promise<void>;
  /** Deliver such segments twice. */
  duplicate(predicate: SegmentPredicate, rule?: Rule): Promise<() => Promise<void>>;
  /** Deliver a copy of a segment seen earlier. */
  replay(segment: WireSegment): Promise<WireSegment>;
  /** Deliver a segment made from fields, with right checksums. Sequence numbers are relative to the connection's. */
  inject(fields: InjectedFields): Promise<WireSegment>;
  /** From now on deliver at once, without samples in between. */
  freeRun(): Promise<void>;
  /** Back to lockstep, the default. */
  lockstep(): Promise<void>;
  /** Wait until no segment has moved for this long (default 50 ms, longer than a delayed ACK). */
  quiet(milliseconds?: number): Promise<void>;
  /** Wait for the next segment for which the predicate holds; resolves once it is delivered, dropped or held. Call it before what sends it. Default timeout 30,000. */
  next(predicate: SegmentPredicate, options?: WaitOptions): Promise<WireSegment>;
  /** The segments seen so far, in order: those whose fate on the wire is decided. */
  seen(predicate?: SegmentPredicate): WireSegment[];
};

export type { HostName };

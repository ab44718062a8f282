// A host in a script.
import type { SocketRow } from '../../record/samples.ts';
import type { TcpState } from '../../record/tcp-state.ts';
import type { NodeProcess } from './node.ts';
import type { HostIdentity, ProcessOptions, Program, SpawnOptions, WaitOptions } from './process.ts';
import type { RawProcess } from './raw.ts';

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
export type Host = HostIdentity & {
  /** Start a Node process that is driven call by call. */
  node(options?: ProcessOptions): Promise<NodeProcess>;
  /** Start a process that makes the socket calls of socket(7) itself. */
  raw(options?: ProcessOptions): Promise<RawProcess>;
  /**
   * Start any program. Its output is recorded. A name is looked for on the user's own PATH: `'node'` is the user's
   * Node, `ownNode` is finwait's. What npm puts into the environment of its scripts does not reach the program.
   */
  spawn(command: string, args?: string[], options?: SpawnOptions): Promise<Program>;
  /**
   * Read a sysctl of this host's namespace, or set it: `sysctl('net.ipv4.tcp_fin_timeout', 5)`. Resolves to the value
   * it had before.
   */
  sysctl(name: string, value?: number | string): Promise<string>;
  /**
   * Set a metric of the routes to the other host (ip-route(8)): `route('quickack', 1)` has every segment acknowledged
   * at once. Those set before stay. Connections made later heed it.
   */
  route(metric: string, value: number | string): Promise<void>;
  /**
   * From now on 127.0.0.1 of this host leads to `to`, at the ports where a listener of it stands and none of this host's
   * own: for programs that know no other address. Resolves to those that did not lead there before. IPv4 alone.
   */
  leadLocalhost(to: HostIdentity): Promise<number[]>;
  /** The host's sockets as ss shows them now; all of them without a filter. */
  sockets(filter?: SocketFilter): Promise<SocketRow[]>;
  /**
   * Wait until ss shows a socket in `state`; resolves to its row. Default timeout 90,000: longer than TIME-WAIT.
   * Samples closely only when a timer is about to fire.
   */
  until(state: TcpState, filter?: SocketFilter & WaitOptions): Promise<SocketRow>;
  /** Wait until ss shows no socket that fits. Default timeout 90,000. */
  untilGone(filter: SocketFilter & WaitOptions): Promise<void>;
};

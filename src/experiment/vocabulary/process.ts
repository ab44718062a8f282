// What every process on a host can be told, and what hosts, waits and data are in all words.
import type { HostName } from '../../record/hosts.ts';

/** Which host is meant. */
export type HostIdentity = {
  /** `client` or `server`. */
  readonly name: HostName;
  /** Its IPv4 address: 192.0.2.1 for the client, 192.0.2.2 for the server. */
  readonly address: string;
  /** Its IPv6 address, in an experiment with `ipv6: true`: 2001:db8::1 for the client, 2001:db8::2 for the server. */
  readonly address6: string;
};

/** How long a word waits. */
export type WaitOptions = {
  /**
   * Give up, and end the run with an error, after this many milliseconds. Default 30,000; for `until` and `untilGone`
   * 90,000, longer than TIME-WAIT.
   */
  timeoutMs?: number;
};

/** How a process is started. */
export type ProcessOptions = {
  /**
   * Its name in the timeline. Default: the host's name, or of a program its own; a name taken already gets a number:
   * `client-2`.
   */
  name?: string;
  /** `nofile`: how many descriptors it may hold, RLIMIT_NOFILE (getrlimit(2)). Default: what finwait was started with. */
  limits?: { nofile?: number };
  /**
   * `strace`, the default of `spawn`: strace writes down the socket calls of the program and of all it starts, where it
   * can be used. `unseen`, the default of `node` and `raw`: it does not, and the process runs a little faster; with
   * `strace` what these report of their calls is compared with what strace saw, and where the two differ is a gap.
   */
  calls?: 'strace' | 'unseen';
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
  /**
   * Send a signal (signal(7)); default SIGTERM. Resolves when the wire is quiet and, where the signal ends it, the
   * process has ended: a program may catch all but SIGKILL. With `group` it goes to what the process has started as well,
   * as Ctrl-C on a terminal does.
   */
  kill(signal?: NodeJS.Signals, options?: { group?: boolean }): Promise<void>;
  /** SIGSTOP: the process runs no further; its sockets are the kernel's alone. */
  freeze(): Promise<void>;
  /** SIGCONT: it runs on. */
  thaw(): Promise<void>;
  /** Wait until the process has ended; resolves to its exit code, or the signal that ended it. Default timeout 30,000. */
  exited(options?: WaitOptions): Promise<{ code: number | null; signal: string | null }>;
};

/** Any program. What it prints is recorded, and by strace its socket calls and those of all it starts. */
export type Program = Process & {
  /**
   * Wait until ss shows a listener on its host, at `port` or at any; resolves to the port. Default timeout 30,000 ms.
   * Throws as soon as the program has ended before.
   */
  listening(options?: WaitOptions & { port?: number }): Promise<number>;
  /** Write to its standard input. */
  input(text: string): Promise<void>;
  /** End its standard input. */
  endInput(): Promise<void>;
  /**
   * Wait until its output so far, stdout and stderr together, matches; resolves to all of it. Default timeout 30,000 ms.
   * Throws as soon as the program has ended and what it printed does not match.
   */
  output(pattern: RegExp, options?: WaitOptions): Promise<string>;
};

/** What is sent. `{ bytes: 1000 }` stands for that many filler bytes. */
export type Data = string | { bytes: number };

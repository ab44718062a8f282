// What the collector may ask of an agent and of a process, and what they answer: the far side of the control channel.
// An answer travels as the reply's `value`. A refusal is a ControlError whose code is the errno or Node error code.
import type { Addresses } from './recorder.ts';

/** Who a request belongs to: the id its call record bears, the step, and the line of the experiment. */
export type Provenance = { call?: string; step?: number; source?: { file: string; line: number } };

/**
 * Start a process in its own process group. Answered with `{ pid }` once the program runs; a node or raw process then
 * dials control itself.
 */
export type SpawnRequest = {
  do: 'spawn';
  name: string;
  kind: 'node' | 'raw' | 'command';
  /** The program and its arguments, for `command`. */
  command?: string;
  /** The command is finwait's own Node, wherever that is on this host. */
  ownNode?: boolean;
  args?: string[];
  env?: Record<string, string>;
  cwd?: string;
  /**
   * Descriptors the process may hold (RLIMIT_NOFILE, soft and hard). A Node process holds 23 of its own before its
   * first socket.
   */
  limits?: { nofile?: number };
  /** With which a node or raw process proves that it was asked for. */
  token?: string;
};

/** Send a signal to a process by name, or by pid where it is a descendant such as the child made by `share`. */
export type SignalRequest = Provenance & {
  do: 'signal';
  name?: string;
  pid?: number;
  signal: NodeJS.Signals;
  /** The whole process group instead of the one process. */
  group?: boolean;
};

/** Answered with `{ code, signal }` when the process has ended and what it wrote is recorded. */
export type WaitRequest = { do: 'wait'; name: string };
/** Write to the standard input of a command. */
export type InputRequest = Provenance & { do: 'input'; name: string; text: string };
/** Close the standard input of a command. */
export type EndInputRequest = Provenance & { do: 'endInput'; name: string };

export type AgentRequest = SpawnRequest | SignalRequest | WaitRequest | InputRequest | EndInputRequest | AdoptRequest;

/** Look after a process one of ours started (by `share`): signals and `wait` then know it by its name. */
export type AdoptRequest = { do: 'adopt'; name: string; pid: number };

/**
 * One call in a node or raw process. A node process's calls are made on a `target` an earlier outcome named
 * (`server-1`, `socket-2`); those of a raw process take the descriptor as their first argument, as in C.
 */
export type CallRequest = Provenance & {
  do: 'call';
  api: string;
  target?: string;
  args?: unknown[];
  /** Record how long the process waited for a processor while the call was under way. */
  timed?: true;
};
/** Answered when the process has handled all that had reached it. */
type PingRequest = { do: 'ping' };

export type ProcessRequest = CallRequest | PingRequest;

/** What a call came to. `target` names the object a call such as `listen`, `connect` or `accept` made. */
export type Outcome = Addresses & {
  value?: unknown;
  target?: string;
  /** A raw call that failed: its value is -1. A Node call that throws is a refusal instead. */
  errno?: string;
  /** What recv and read brought. */
  bytes?: number;
  text?: string;
  /** What getsockopt found, in a raw process, and in how many bytes. */
  option?: unknown;
  length?: number;
  /** What poll found its descriptor ready for: names of poll(2). */
  revents?: string[];
};

// What the collector may ask of an agent and of a process, and what they answer: the far side of the control channel.
// An answer travels as the reply's `value`. A refusal is a ControlError whose code is the errno or Node error code.
import { constants } from 'node:os';
import { z } from 'zod';

const signalNames = Object.keys(constants.signals) as NodeJS.Signals[];

const provenance = z.object({
  call: z.string().optional(),
  step: z.number().optional(),
  source: z.object({ file: z.string(), line: z.number() }).optional(),
});
/** Who a request belongs to: the id its call record bears, the step, and the line of the experiment. */
export type Provenance = z.infer<typeof provenance>;

const spawnRequest = z.object({
  do: z.literal('spawn'),
  name: z.string(),
  kind: z.enum(['node', 'raw', 'command']),
  /** The program and its arguments, for `command`. */
  command: z.string().optional(),
  /** The command is finwait's own Node, wherever that is on this host. */
  ownNode: z.boolean().optional(),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
  cwd: z.string().optional(),
  /**
   * Descriptors the process may hold (RLIMIT_NOFILE, soft and hard). A Node process holds 23 of its own before its
   * first socket.
   */
  limits: z.object({ nofile: z.number().optional() }).optional(),
  /** Have strace write down its calls, where it can be used. */
  traced: z.boolean().optional(),
  /** With which a node or raw process proves that it was asked for. */
  token: z.string().optional(),
});
/**
 * Start a process in its own process group. Answered with `{ pid }` once the program runs; a node or raw process then
 * dials control itself.
 */
export type SpawnRequest = z.infer<typeof spawnRequest>;

const signalRequest = provenance.extend({
  do: z.literal('signal'),
  name: z.string().optional(),
  pid: z.number().optional(),
  signal: z.enum(signalNames),
  /** The whole process group instead of the one process. */
  group: z.boolean().optional(),
});
/** Send a signal to a process by name, or by pid where it is a descendant such as the child made by `share`. */
export type SignalRequest = z.infer<typeof signalRequest>;

/** Answered with `{ code, signal }` when the process has ended and what it wrote is recorded. */
const waitRequest = z.object({ do: z.literal('wait'), name: z.string() });

const inputRequest = provenance.extend({ do: z.literal('input'), name: z.string(), text: z.string() });
/** Write to the standard input of a command. */
export type InputRequest = z.infer<typeof inputRequest>;

const endInputRequest = provenance.extend({ do: z.literal('endInput'), name: z.string() });
/** Close the standard input of a command. */
export type EndInputRequest = z.infer<typeof endInputRequest>;

/** Look after a process one of ours started (by `share`): signals and `wait` then know it by its name. */
const adoptRequest = z.object({ do: z.literal('adopt'), name: z.string(), pid: z.number() });

/** The run is over: what strace has written by now is all there will be. */
const stopTracesRequest = z.object({ do: z.literal('stopTraces') });

/** Which file a command is, by the user's PATH on this host: answered with `{ path }`, or `{}` where there is none. */
const whichRequest = z.object({ do: z.literal('which'), command: z.string() });

export const agentRequest = z.discriminatedUnion('do', [
  spawnRequest,
  signalRequest,
  waitRequest,
  inputRequest,
  endInputRequest,
  adoptRequest,
  stopTracesRequest,
  whichRequest,
]);

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

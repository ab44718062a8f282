// What agents and processes say of what they do: calls and their returns, what Node emits, what processes write, how
// they start and end. The fields stand alone because the timeline's events are these and more.
import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { hostName } from './hosts.ts';
import { source } from './source.ts';

/** CLOCK_MONOTONIC in nanoseconds (process.hrtime), the one clock all processes of a machine share. */
export const time = z.number();

/** What is to become of a signal (signal(7)). `blocked`: no thread of the process takes it. */
export const disposition = z.enum(['default', 'ignored', 'caught', 'blocked']);
export type Disposition = z.infer<typeof disposition>;

/** A call made by the script, by Node itself on behalf of it, or a signal sent to a process. */
export const callFields = {
  host: hostName,
  process: z.string(),
  /**
   * `node` and `raw` are socket calls, `process` is kill/freeze/exit/input, `host` is a sysctl or a route metric,
   * `strace` the socket calls of a program that is not driven.
   */
  via: z.enum(['node', 'raw', 'process', 'host', 'strace']),
  /** Who asked for it: the script, Node's own machinery (closing after 'end', for instance), or a program itself. */
  by: z.enum(['script', 'node', 'program']),
  api: z.string(),
  args: z.array(z.unknown()),
  /** The handle in the process the call is made on: `server-1`, `socket-2`, or a descriptor such as `fd 5`. */
  target: z.string().optional(),
  local: endpoint.optional(),
  remote: endpoint.optional(),
  /** Where in the experiment's source the call stands; of a system call of a Node program, where in the program. */
  source: source.optional(),
  /** A system call of a Node program: the call of Node's that led to it, and which function of Node made that one. */
  asked: z.object({ api: z.string(), by: z.string().optional() }).optional(),
  /** A listen(2) on a socket that another process had made and passed on: it may have listened before. */
  inherited: z.literal(true).optional(),
  /** A signal that ends, as far as the process lets it: what it had said was to become of it. */
  disposition: disposition.optional(),
  /** The same: how many children the process has, which may hold what it holds. */
  children: z.number().optional(),
};

type Via = { via: z.infer<(typeof callFields)['via']> };

/** Whether a call is one of the kernel's, made and done within its time. */
export const isSystemCall = ({ via }: Via): boolean => via === 'raw' || via === 'strace';

/** Whether it is a call on a socket: by a script, or by a program. */
export const isSocketCall = ({ via }: Via): boolean => via === 'node' || via === 'raw' || via === 'strace';

export const returnFields = {
  value: z.unknown().optional(),
  errno: z.string().optional(),
  /** getsockopt(2): the bytes the kernel gave. */
  length: z.number().optional(),
  /**
   * Nanoseconds for which threads of the process, ready to run, waited for a processor while the call was under way,
   * where that was asked for.
   */
  waited: z.number().optional(),
  /** When it had returned at the latest, where its witness saw only when it began and how long it took. */
  latest: time.optional(),
};

/** Something a Node object emitted: 'connection', 'connect', 'data', 'end', 'error', 'close', 'timeout', 'drain'. */
export const emitFields = {
  host: hostName,
  process: z.string(),
  target: z.string(),
  name: z.string(),
  local: endpoint.optional(),
  remote: endpoint.optional(),
  /** 'data': the byte count. */
  bytes: z.number().optional(),
  /** 'data': the text, cut after 200 characters, where it is printable. */
  text: z.string().optional(),
  /** 'error': ECONNREFUSED and so on. */
  code: z.string().optional(),
  /** Whatever else the event carried. */
  detail: z.record(z.string(), z.unknown()).optional(),
};

/**
 * A process started, ended, or was stopped and continued; or the last of the processes has ended that a program had
 * left behind.
 */
export const processFields = {
  host: hostName,
  process: z.string(),
  edge: z.enum(['start', 'exit', 'stop', 'continue', 'descendants-ended']),
  pid: z.number().optional(),
  command: z.string().optional(),
  /** Which file the command is, by the PATH of the program; of a Node its version. */
  program: z.object({ path: z.string(), version: z.string().optional() }).optional(),
  /** A start: the process makes the script's calls, each of which is recorded. */
  driven: z.literal(true).optional(),
  /** A start: strace writes down its calls, and those of what it starts; or why it does not. */
  traced: z.literal(true).optional(),
  untraced: z.string().optional(),
  code: z.number().nullable().optional(),
  signal: z.string().nullable().optional(),
  /**
   * An exit of a program: how many processes were there that it has left behind. Once none is left it has an event
   * `descendants-ended`. What has begun a session of its own (setsid(2)) may be any program's.
   */
  orphans: z.number().optional(),
  /** An exit and `descendants-ended`: all that was left behind may be that of other programs. */
  mayBeOthers: z.literal(true).optional(),
  /** An exit: when the process was last seen alive, and not about to end (on the clock of the record, or event). */
  aliveAt: time.optional(),
  /** A stop: how many children it has, which go on. */
  children: z.number().optional(),
};

/** What a process wrote to its output. */
export const outputFields = {
  host: hostName,
  process: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  text: z.string(),
};

/** The records that parts of the lab write; those of the collector itself are not theirs. */
export const partRecords = [
  z.object({
    type: z.literal('call'),
    t: time,
    /** Unique in the run: `<process>:<counter>`. Its return bears the same. */
    call: z.string(),
    step: z.number().optional(),
    ...callFields,
  }),
  z.object({
    type: z.literal('return'),
    t: time,
    call: z.string(),
    ...returnFields,
    /** What is known of the socket's addresses after the call. */
    local: endpoint.optional(),
    remote: endpoint.optional(),
  }),
  z.object({ type: z.literal('emit'), t: time, ...emitFields }),
  z.object({ type: z.literal('process'), t: time, ...processFields }),
  z.object({ type: z.literal('output'), t: time, ...outputFields }),
] as const;

/** A record as it arrives from a part of the lab. */
export const partRecord = z.discriminatedUnion('type', [...partRecords]);

// The processes an agent has started: each the leader of its own process group, each of its outputs and its end recorded.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { now } from '../record/clock.ts';
import type { HostName } from '../record/hosts.ts';
import { adoptProcess } from './adopt-process.ts';
import { codeOf, failure } from './errno.ts';
import type { End, HostProcess } from './host-process.ts';
import { createOrphans, type Orphans } from './orphans.ts';
import { openPipes } from './pipes.ts';
import { isAlive } from './process-state.ts';
import { recordOutput } from './record-output.ts';
import type { Recorder } from './recorder.ts';
import type { SpawnRequest } from './requests.ts';
import { startCommand } from './start-command.ts';
import { openTrace, straceFault, type Trace } from './trace.ts';

export type Processes = ReturnType<typeof createProcesses>;

type Place = {
  host: HostName;
  control: string;
  recorder: Recorder;
  /** What is to be kept of what strace writes. */
  tellTrace(bytes: Buffer): void;
};

export const createProcesses = (place: Place) => {
  const processes = new Map<string, HostProcess>();
  const traces = new Set<Trace>();
  // Kept apart from the names: a name may be given again while a child of its first bearer still runs.
  const groups = new Set<number>();
  const pids = () => new Set([...processes.values()].flatMap(({ pid, running }) => (running ? [pid] : [])));
  const isRunning = (pid: number) => pids().has(pid);
  // Its end is told late where many end at once: that it had not begun is seen here.
  const look = () => {
    for (const one of processes.values()) {
      const t = now();
      if (one.running && isAlive(one.pid)) one.aliveAt = t;
    }
  };
  setInterval(look, lookMs).unref();
  const sessions = new Set<number>();
  const orphans = createOrphans(pids, () => sessions);
  return {
    /** Start a process. Throws EEXIST while one of that name runs, ENOENT when there is no such program. */
    start: async (request: SpawnRequest): Promise<{ pid: number }> => {
      const { name } = request;
      if (processes.get(name)?.running)
        throw failure('EEXIST', `Cannot start ${name}: a process of that name is running.`);
      const started = await start(request, { ...place, groups, sessions, orphans, traces });
      processes.set(name, started);
      void started.ended.then(() => {
        if (!groupExists(started.pid)) groups.delete(started.pid);
      });
      return { pid: started.pid };
    },
    /** The process last started under a name. Throws ESRCH. */
    find: (name: string): HostProcess => {
      const found = processes.get(name);
      if (!found)
        throw failure(
          'ESRCH',
          `There is no process ${name}: this agent started ${[...processes.keys()].join(', ') || 'none'}.`,
        );
      return found;
    },
    /** Look after a process that a process of ours has started: it can be found by its name from here on. */
    adopt: ({ name, pid }: { name: string; pid: number }): void => {
      processes.set(name, adoptProcess({ name, pid }, { recorder: place.recorder, hasParent: isRunning }));
    },
    /** Whether a process group is one of those started here. */
    owns: (group: number): boolean => groups.has(group),
    /** Resolves when all that strace has written by now has been told. */
    stopTraces: async (): Promise<void> => void (await Promise.all([...traces].map((trace) => trace.finish()))),
    /** End everything at once, descendants included. */
    killAll: () => {
      for (const group of groups) if (groupExists(group)) process.kill(-group, 'SIGKILL');
    },
  };
};

const start = async (
  request: SpawnRequest,
  place: Place & { groups: Set<number>; sessions: Set<number>; orphans: Orphans; traces: Set<Trace> },
): Promise<HostProcess> => {
  const { host, control, recorder, groups, sessions, orphans } = place;
  const { name, kind, cwd, ownNode } = request;
  const fault = request.traced ? await straceFault() : undefined;
  const traced = request.traced && fault === undefined;
  const { file, args, env, program } = await startCommand({ ...request, traced }, { host, control });
  // Of a program that is not there the kernel is to say so, not strace.
  const trace =
    traced && (program || kind !== 'command') ? openTrace(name, [file, args], control, place.tellTrace) : undefined;
  const [begunFile, begunArgs] = trace?.line ?? [file, args];
  const pipes = kind === 'command' ? await openPipes(control) : undefined;
  const t = now();
  // Not by execa: the order of its first and last events with all else is part of the record.
  const child = spawn(begunFile, begunArgs, {
    cwd,
    env,
    detached: true,
    stdio: pipes?.stdio ?? ['ignore', 'pipe', 'pipe'],
  });
  // At once: the lab may end before the program has begun.
  if (child.pid !== undefined) for (const kept of [groups, sessions]) kept.add(child.pid);
  pipes?.given();
  const input = pipes?.stdin;
  const started: Omit<HostProcess, 'ended'> = { name, pid: child.pid ?? 0, ...(input && { input }), running: true };
  // Bytes that arrive after the command has gone are not an accident of the lab.
  input?.on('error', () => {});
  const outputs = (['stdout', 'stderr'] as const).flatMap((stream) => {
    const output = pipes?.[stream] ?? child[stream];
    recordOutput(output, (text) => recorder.output({ process: name, stream, text }));
    return output ?? [];
  });
  const ended = recordEnd(started, { child, outputs }, recorder, kind === 'command' ? orphans : undefined);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      input?.destroy();
      reject(failure(codeOf(error), `Cannot start ${file}: ${error.message}.`));
    });
  });
  const command = [ownNode ? 'node' : file, ...args].join(' ');
  recorder.process({
    t,
    process: name,
    edge: 'start',
    pid: started.pid,
    command,
    program,
    ...(kind !== 'command' && { driven: true }),
    ...(trace && { traced: true }),
    ...(fault !== undefined && { untraced: fault }),
  });
  // After its start is recorded: it may end before strace is seen.
  if (trace) {
    place.traces.add(trace);
    await trace.begun(started.pid);
    void ended.then(() => trace.finish());
  }
  return Object.assign(started, { ended });
};

// The kernel closes a process's descriptors before it tells the parent: a FIN or RST of this end is older than the record.
const recordEnd = (
  started: Omit<HostProcess, 'ended'>,
  { child, outputs }: { child: ChildProcess; outputs: Readable[] },
  recorder: Recorder,
  orphans: Orphans | undefined,
): Promise<End> =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      started.running = false;
      const { name, pid, aliveAt } = started;
      const { count = 0, mayBeOthers } = orphans?.leftBy(pid) ?? {};
      const left = { ...(mayBeOthers && { mayBeOthers }) };
      recorder.process({
        process: name,
        edge: 'exit',
        pid,
        code,
        signal,
        aliveAt,
        ...(count > 0 && { orphans: count, ...left }),
      });
      if (count > 0)
        void orphans
          ?.untilNone(pid)
          .then(() => recorder.process({ process: name, edge: 'descendants-ended', pid, ...left }));
      started.input?.destroy();
      const finish = () => resolve({ code, signal });
      void Promise.all(outputs.map(closed)).then(finish);
      // A child of the process may hold its output open for as long as it likes.
      setTimeout(finish, outputGraceMs);
    });
  });

const closed = (output: Readable): Promise<void> =>
  output.closed ? Promise.resolve() : new Promise((resolve) => output.once('close', resolve));

const outputGraceMs = 100;

/** How often the agent looks whether its processes are alive. */
const lookMs = 50;

// A group outlives its leader for as long as it has a member.
const groupExists = (group: number): boolean => {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
};

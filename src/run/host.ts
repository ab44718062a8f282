// A host in the hands of a script: starts processes, sets sysctls, waits for states.
import type { Host, NodeProcess, ProcessOptions, Program, RawProcess, SocketFilter, WaitOptions } from '../experiment/vocabulary.ts';
import { addressOf } from '../lab/addresses.ts';
import type { HostName, SocketRow, TcpState } from '../timeline/schema.ts';
import { parseSocketTable } from '../timeline/ss.ts';
import { nodeProcess } from './node-process.ts';
import { program } from './program.ts';
import { rawProcess } from './raw-process.ts';
import { type Session, timeoutError } from './session.ts';

export const hostOf = (session: Session, name: HostName): Host => {
  const { lab, recorder } = session;
  const names = new Map<string, number>();
  const nameFor = (wanted?: string) => {
    const base = wanted ?? name;
    const count = (names.get(base) ?? 0) + 1;
    names.set(base, count);
    return count === 1 ? base : `${base}-${count}`;
  };

  const launch = async (kind: 'node' | 'raw' | 'command', options: ProcessOptions, more: Record<string, unknown> = {}) => {
    const processName = nameFor(options.name ?? (kind === 'command' ? String(more.command) : undefined));
    const start = async () => {
      const spawned = lab.agent[name].request({ do: 'spawn', name: processName, kind, limits: options.limits, ...more });
      if (kind === 'command') await spawned;
      else await Promise.all([spawned, session.arrival(processName)]);
    };
    await session.step(`${name}: start ${processName}`, start, kind !== 'command');
    return processName;
  };

  const take = async (reason: string): Promise<SocketRow[]> => parseSocketTable((await session.orAbort(session.sample(name, reason))).text).rows;
  const rowsThatFit = async (filter: SocketFilter) => (await take('watch')).filter((row) => fits(row, filter));

  /** Sample until `done`, waking for each segment and, near a timer's end, every 10 ms. */
  const watch = async <T>(what: string, filter: SocketFilter & WaitOptions, done: (rows: SocketRow[]) => T | undefined): Promise<T> => {
    const deadline = Date.now() + (filter.timeoutMs ?? 90_000);
    for (;;) {
      const rows = await rowsThatFit(filter);
      const found = done(rows);
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw timeoutError(what, filter.timeoutMs ?? 90_000);
      await session.idly(nextLook(session, rows));
    }
  };

  return {
    name,
    address: addressOf[name].ip,
    node: async (options = {}): Promise<NodeProcess> => nodeProcess(session, name, await launch('node', options)),
    raw: async (options = {}): Promise<RawProcess> => rawProcess(session, name, await launch('raw', options)),
    spawn: async (command, args = [], options = {}): Promise<Program> => {
      const { env, cwd, ...rest } = options;
      return program(session, name, await launch('command', rest, { command, args, env, cwd }));
    },
    sysctl: (sysctl, value) =>
      session.step(
        `${name}: sysctl ${sysctl}${value === undefined ? '' : ` = ${value}`}`,
        async (step, source) => {
          const call = `sysctl:${name}:${step}`;
          const args = value === undefined ? [sysctl] : [sysctl, value];
          recorder.api({ type: 'call', t: now(), call, step, host: name, process: 'kernel', via: 'host', by: 'script', api: 'sysctl', args, source });
          const reply = await lab.sidecar[name].request({ do: 'sysctl', name: sysctl, value });
          const { before, after } = reply.value as { before: string; after: string };
          recorder.api({ type: 'return', t: now(), call, value: { before, after } });
          return before;
        },
        true,
      ),
    sockets: (filter = {}) => rowsThatFit(filter),
    until: (state: TcpState, filter = {}) =>
      watch(`a socket in ${state} on the ${name}`, { ...filter, state }, (rows) => rows[0]),
    untilGone: (filter) => watch(`the socket to be gone from the ${name}`, filter, (rows) => (rows.length === 0 ? true : undefined)).then(() => {}),
  };
};

const fits = (row: SocketRow, { localPort, peerPort, state }: SocketFilter) =>
  (localPort === undefined || row.local.port === localPort) &&
  (peerPort === undefined || row.peer.port === peerPort) &&
  (state === undefined || row.state === state);

/** A while that ends early when a segment moves. Far from the end of an armed timer it is long. */
const nextLook = (session: Session, rows: SocketRow[]): Promise<void> => {
  const ends = rows.flatMap(({ timer }) => (timer ? [timer.expiresMs] : []));
  const untilTimer = ends.length > 0 ? Math.min(...ends) : 100;
  const milliseconds = Math.max(10, Math.min(1000, untilTimer - (untilTimer > 10_000 ? 1000 : 20)));
  return new Promise((resolve) => {
    const stop = session.wire.watch(() => wake());
    const timer = setTimeout(() => wake(), milliseconds);
    const wake = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
  });
};

const now = () => Number(process.hrtime.bigint());

// The lab: start and removal, the cost of one delivery in lockstep, and what the witnesses cost while nothing happens.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { startLab } from '../src/lab/lab.ts';
import { namespaces } from '../src/lab/namespaces.ts';
import { twoHosts } from '../src/record/hosts.ts';
import { hostOf } from '../src/script/host.ts';
import { inSession } from './in-session.ts';
import { figure, medianTime } from './measure.ts';

const run = promisify(execFile);

export const benchLabStart = async () => {
  const time = await medianTime(7, async () => {
    const lab = await startLab(namespaces, { receive: () => {}, arrived: () => {} }, { hosts: twoHosts });
    await lab.remove();
  });
  return figure('a lab, started and removed', time, 'ms', 'the limit', 300, { atMost: 1 });
};

/** One delivery is two samples of ss on each host, side by side, and the write: held against four runs of ss alone. */
export const benchDelivery = async () => {
  const alone = await medianTime(20, async () => {
    for (let sample = 0; sample < 4; sample++) await run('ss', ['-tanoiem']);
  });
  const perSegment = await inSession({}, async (session) => {
    const server = await hostOf(session, 'server').node();
    await server.listen(50_000);
    const socket = await (await hostOf(session, 'client').node()).connect(hostOf(session, 'server'), 50_000);
    const accepted = await server.accepted();
    let segments = 0;
    let spent = 0;
    let last = 0;
    session.wire.watch(() => {
      const now = performance.now();
      // Only segments that follow one another at once: the pause between two steps is not the wire's.
      if (now - last < 40) {
        segments++;
        spent += now - last;
      }
      last = now;
    });
    for (let round = 0; round < 10; round++) {
      await socket.write('ping');
      await accepted.write('pong');
    }
    return spent / segments;
  });
  return figure('one delivery in lockstep', perSegment, 'ms', 'four runs of ss alone', alone);
};

/** Processor time of everything in the lab's namespaces while a connection idles for ten seconds. */
export const benchIdleWitnesses = async () => {
  const seconds = 10;
  const spent = await inSession({}, async (session) => {
    const server = await hostOf(session, 'server').node();
    await server.listen(50_000);
    await (await hostOf(session, 'client').node()).connect(hostOf(session, 'server'), 50_000);
    const before = processorTime();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return processorTime() - before;
  });
  return figure(`witnesses during ${seconds} idle seconds`, spent * 1000, 'ms of CPU', 'one core', seconds * 1000, {
    atMost: 0.02,
  });
};

/** Seconds of user and system time of everything this process has started (proc(5), fields 14 to 17; 100 ticks a second). */
const processorTime = (): number => {
  const processes = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readStat(name) ?? []) : []));
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]));
  const isOurs = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === process.pid || isOurs(parent));
  };
  return processes.filter(({ pid }) => isOurs(pid)).reduce((sum, { ticks }) => sum + ticks, 0) / 100;
};

const readStat = (pid: string) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    // Its own time, and that of its children that have ended: each ss is one.
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + field, 0);
    return { pid: Number(pid), parent: fields[1] as number, ticks };
  } catch {
    return undefined; // it has ended meanwhile
  }
};

// How near the wire in free run is to a bare veth pair: round trip and first retransmission timeout of the same
// program's connections, in a lab and in two namespaces joined by veth, one right after the other, on the machine as it
// is and with both cores busy.
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { $, type ProcessPromise } from 'zx/core';
import { hostOf } from '../src/script/host.ts';
import { inSession } from './in-session.ts';
import { type Figure, figure } from './measure.ts';
import { type Connection, largest, type Measured, median, writeTable } from './wire-table.ts';

const program = fileURLToPath(new URL('ping.mjs', import.meta.url));
const connections = 20;

export const benchFreeRun = async (): Promise<Figure[]> => {
  const [load = 0] = loadavg();
  const idle = await measure();
  const burners = [1, 2].map(() => stay(process.execPath, '-e', 'for(;;);'));
  try {
    const busy = await measure();
    writeTable(load, { [asItWas]: idle, [busier]: busy });
    return [...figures(idle, asItWas), ...figures(busy, busier)];
  } finally {
    for (const burner of burners) end(burner);
  }
};

// A shared machine is never idle for certain: the table says how busy it was.
const asItWas = 'as it was';
const busier = 'two busy loops more';

const measure = async (): Promise<Measured> => ({
  veth: await overVeth(),
  freeRun: await overWire(true),
  lockstep: await overWire(false),
});

const figures = ({ veth, freeRun }: Measured, machine: string): Figure[] => {
  const row = (name: string, pick: (one: Connection) => number, of: typeof median, aim?: Figure['aim']) =>
    figure(`${name}, free run, ${machine}`, of(freeRun, pick), 'ms', 'a veth pair', of(veth, pick), aim);
  return [
    row('RTT of the handshake', ({ first }) => first.rtt, median),
    row('RTT after ten exchanges', ({ later }) => later.rtt, median),
    row('first RTO', ({ first }) => first.rto, median, { atMost: 1.05 }),
    row('largest first RTO', ({ first }) => first.rto, largest, { atMost: 1.05 }),
    row('RTO after ten exchanges', ({ later }) => later.rto, median, { atMost: 1.05 }),
  ];
};

const overWire = (freeRun: boolean): Promise<Connection[]> =>
  inSession({ freeRun }, async (session) => {
    const server = hostOf(session, 'server');
    await server.spawn(process.execPath, [program, 'server']);
    await server.until('LISTEN', { localPort: 50_000 });
    const client = await hostOf(session, 'client').spawn(process.execPath, [
      program,
      'client',
      server.address,
      String(connections),
    ]);
    await client.exited({ timeoutMs: 120_000 });
    return read(await client.output(/./));
  });

const overVeth = async (): Promise<Connection[]> => {
  const holders = (await Promise.all([holdNamespace(), holdNamespace()])).map(({ holder }) => holder);
  const [server, client] = holders as [ProcessPromise, ProcessPromise];
  const within = ({ pid }: ProcessPromise) => ['nsenter', '--net', '--target', String(pid)];
  try {
    await $`ip link add wire netns ${server.pid} type veth peer name wire netns ${client.pid}`;
    for (const [holder, address] of [
      [server, '192.0.2.2'],
      [client, '192.0.2.1'],
    ] as const) {
      await $`${within(holder)} ip addr add ${address}/24 dev wire`;
      await $`${within(holder)} ip link set wire up`;
    }
    const listener = stay(...within(server), process.execPath, program, 'server');
    for (let listening = ''; listening === ''; )
      listening = (await $`${within(server)} ss -ltnH sport = :50000`).stdout;
    const { stdout } = await $`${within(client)} ${process.execPath} ${program} client 192.0.2.2 ${connections}`;
    end(listener);
    return read(stdout);
  } finally {
    holders.forEach(end);
  }
};

/** A process in a network namespace of its own; resolves when it is there. */
const holdNamespace = async (): Promise<{ holder: ProcessPromise }> => {
  const holder = stay('unshare', '--net', 'sh', '-c', 'echo ready; exec sleep 600');
  await once(holder.stdout, 'data');
  return { holder }; // a promise by itself would be waited for
};

/** A process that stays until it is ended: the shell becomes it, so that it has the shell's id. */
const stay = (...command: string[]): ProcessPromise => $({ quiet: true, nothrow: true })`exec ${command}`;
const end = ({ child }: ProcessPromise) => void child?.kill('SIGKILL');

const read = (output: string): Connection[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

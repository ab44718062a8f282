// How near the wire in free run is to a bare veth pair: round trip and first retransmission timeout of the same
// program's connections, in a lab and in two namespaces joined by veth, one right after the other, on the machine as it
// is and with both cores busy.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { hostOf } from '../src/script/host.ts';
import { inSession } from './in-session.ts';
import { type Figure, figure } from './measure.ts';
import { type Connection, largest, type Measured, median, writeTable } from './wire-table.ts';

const program = fileURLToPath(new URL('ping.mjs', import.meta.url));
const connections = 20;

export const benchFreeRun = async (): Promise<Figure[]> => {
  const [load = 0] = loadavg();
  const idle = await measure();
  const burners = [1, 2].map(() => spawn(process.execPath, ['-e', 'for(;;);'], { stdio: 'ignore' }));
  try {
    const busy = await measure();
    writeTable(load, { [asItWas]: idle, [busier]: busy });
    return [...figures(idle, asItWas), ...figures(busy, busier)];
  } finally {
    for (const burner of burners) burner.kill('SIGKILL');
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
  const holders = await Promise.all([holdNamespace(), holdNamespace()]);
  const [server, client] = holders as [ChildProcess, ChildProcess];
  const within = (holder: ChildProcess, ...command: string[]) =>
    ['nsenter', ['--net', '--target', String(holder.pid), ...command]] as const;
  try {
    await execa('ip', [
      'link',
      'add',
      'wire',
      'netns',
      String(server.pid),
      'type',
      'veth',
      'peer',
      'name',
      'wire',
      'netns',
      String(client.pid),
    ]);
    for (const [holder, address] of [
      [server, '192.0.2.2'],
      [client, '192.0.2.1'],
    ] as const) {
      await execa(...within(holder, 'ip', 'addr', 'add', `${address}/24`, 'dev', 'wire'));
      await execa(...within(holder, 'ip', 'link', 'set', 'wire', 'up'));
    }
    const [command, args] = within(server, process.execPath, program, 'server');
    const listener = spawn(command, args, { stdio: 'ignore' });
    for (let listening = ''; listening === ''; )
      listening = (await execa(...within(server, 'ss', '-ltnH', 'sport', '=', ':50000'))).stdout;
    const { stdout } = await execa(
      ...within(client, process.execPath, program, 'client', '192.0.2.2', String(connections)),
    );
    listener.kill('SIGKILL');
    return read(stdout);
  } finally {
    for (const holder of holders) holder.kill('SIGKILL');
  }
};

/** A process in a network namespace of its own; resolves when it is there. */
const holdNamespace = async (): Promise<ChildProcess> => {
  const holder = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep 600'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  return holder;
};

const read = (output: string): Connection[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

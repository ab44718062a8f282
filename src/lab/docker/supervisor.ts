// Stays in a container that serves several labs, as under `docker compose up`: waits for the collector, starts the agent or the
// sidecar of each lab when told to, and afterwards leaves the container as it was. Ends when the collector is gone.
// Usage: node supervisor.ts agent|sidecar client|server <folder of the collector's sockets>
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Channel, Header } from '../../control/channel.ts';
import { settledWithin } from '../../control/settled-within.ts';
import { tokenVariable } from '../../control/token.ts';
import { type Child, start as startChild } from '../../process/child.ts';
import { programFile } from '../../process/program-file.ts';
import { hostName } from '../../record/hosts.ts';
import { awaitCollector } from './await-collector.ts';
import { freshen, readSysctls } from './fresh-stack.ts';

const line = z.tuple([z.enum(['agent', 'sidecar']), hostName, z.string()]);
const [part, host, folder] = line.parse(process.argv.slice(2));
const programs = { agent: 'host/agent', sidecar: 'witness/sidecar' } as const;
const ready = '/tmp/ready';
const graceMilliseconds = 1000;
const patienceMilliseconds = 5000;

let child: Child | undefined;

const start = async ({ control, token }: Header) => {
  const args = [programFile(programs[part]), '--control', String(control), '--host', host];
  const started = await startChild(process.execPath, args, {
    detached: true,
    env: { ...process.env, [tokenVariable]: String(token) },
  });
  child = started;
  void started.ended.then(({ how }) => {
    if (child !== started) return;
    channel.notify({ ended: `the ${part} of the ${host} ended (${how}). ${started.words()}`.trim() });
  });
};

/** End what runs, and clean up after it. */
const end = async () => {
  const last = child;
  child = undefined;
  last?.kill('SIGKILL');
  // One of its own children may hold its output open for as long as it likes.
  if (last) await settledWithin(patienceMilliseconds, last.ended);
  if (part === 'sidecar') return freshen(sysctls);
  killEverything();
  for (const name of readdirSync('/tmp'))
    if (join('/tmp', name) !== ready) rmSync(join('/tmp', name), { recursive: true, force: true });
};

/** All processes of this container but this one and the first (kill(2), -1): a program may have left its process group. */
const killEverything = () => {
  try {
    process.kill(-1, 'SIGKILL');
  } catch {} // there was none
};

const sysctls = part === 'sidecar' ? readSysctls() : new Map();
process.on('SIGTERM', () => process.exit(0));
writeFileSync(ready, '');
const channel: Channel = await awaitCollector(
  folder,
  { role: 'supervisor', part, host, pid: process.pid },
  (header) => {
    if (header.do === 'start') return start(header);
    if (header.do === 'end') return end();
    throw new Error(`A supervisor does not know how to ${header.do}.`);
  },
);
await channel.closed;
child?.kill('SIGKILL');
// Compose reports as ended what it sees end first: that is to be the collector, not us.
setTimeout(() => process.exit(0), graceMilliseconds);

// The lab as a collector in a container sees it: hosts and sidecars are containers that Compose has started and that stay for all
// experiments. A supervisor in each has dialled the collector, which has no access to the engine.

import { chmodSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { answerCalls, type Channel, type Header, openChannel } from '../control/channel.ts';
import { type HostName, hostName, hostNames } from '../record/hosts.ts';
import { collectorSocket } from './docker/await-collector.ts';
import { enginesSysctls } from './docker/engines-sysctls.ts';
import { groupOfContainers } from './docker/rights.ts';
import type { Control, Place, PlacedHost } from './lab.ts';
import { LabError } from './lab-error.ts';

const folder = process.env.FINWAIT_SOCKETS ?? '/run/finwait';
const parts = ['agent', 'sidecar'] as const;
const hello = z.object({
  role: z.literal('supervisor'),
  part: z.enum([...parts, 'results']),
  host: hostName.optional(),
});
const everySupervisor = hostNames.flatMap((host) => parts.map((part) => `${part} ${host}`));
const patienceMilliseconds = 60_000;
/** Without CONFIG_INET_DIAG_DESTROY the last TIME-WAIT is waited for. */
const cleaningMilliseconds = 80_000;

type Supervisor = { channel: Channel; onEnd?: (words: string) => void };

export const compose: Place = {
  name: 'docker',
  ownSysctls: enginesSysctls,
  labsAtOnce: 1,
  scratch: () => ({
    folder,
    group: groupOfContainers(),
    remove: () => rmSync(join(folder, 'control.sock'), { force: true }),
  }),
  start: async (control) => {
    if (unclean) throw unclean;
    const known = await supervisors();
    return Promise.all(control.hosts.map((host) => startHost(host, known, control)));
  },
};

const startHost = async (host: HostName, known: Map<string, Supervisor>, control: Control): Promise<PlacedHost> => {
  const own = parts.map((part) => known.get(`${part} ${host}`) as Supervisor);
  const over = Promise.withResolvers<void>();
  let words = '';
  for (const [nth, supervisor] of own.entries()) {
    const end = (sentence: string) => {
      words += `${sentence} `;
      over.resolve();
    };
    supervisor.onEnd = end;
    void supervisor.channel.closed.then(() => end(`the container of the ${host}'s ${parts[nth]} ended.`));
  }
  const start = ({ channel }: Supervisor, nth: number) =>
    channel.request({
      do: 'start',
      control: control.path,
      token: control.token(nth === 0 ? 'agent' : 'sidecar', host),
    });
  await Promise.all(own.map(start)).catch(() => {});
  return {
    host,
    words: () => words.trim(),
    ended: over.promise,
    remove: async () => {
      // The agent first: what its processes leave behind is the sidecar's to remove.
      for (const { channel } of own)
        await channel.request({ do: 'end' }, undefined, cleaningMilliseconds).catch(unlessGone);
    },
  };
};

/** A container that is gone needs no cleaning; one that cannot be cleaned serves no other experiment. */
const unlessGone = (error: Error & { code?: string }) => {
  if (error.code !== 'ECHANNEL')
    unclean = new LabError(error.message, 'Start again: docker compose up --force-recreate');
};
let unclean: LabError | undefined;

/** All supervisors, by part and host. Throws LabError when they do not all dial. */
const supervisors = async (): Promise<Map<string, Supervisor>> => {
  const { known, complete } = await openToSupervisors();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const missing = everySupervisor.filter((name) => !known.has(name)).join(', ');
    late.reject(
      new LabError(
        `No word from ${missing} within ${patienceMilliseconds / 1000} s.`,
        '`docker compose logs` tells what became of them.',
      ),
    );
  }, patienceMilliseconds);
  await Promise.race([complete, late.promise]).finally(() => clearTimeout(timer));
  return known;
};

/** Listen for supervisors. The socket stays until this process ends, and that tells them to end as well. */
export const openToSupervisors = () => {
  opening ??= listen();
  return opening;
};
let opening: ReturnType<typeof listen> | undefined;

const listen = async () => {
  const known = new Map<string, Supervisor>();
  const complete = Promise.withResolvers<void>();
  const path = collectorSocket(folder);
  const aside = `${path}.new`;
  rmSync(aside, { force: true });
  const server = await answerCalls(aside, (socket) => {
    const onMessage = (header: Header) => {
      const own = [...known].find(([, { channel: one }]) => one === channel)?.[1];
      if (own) return void (typeof header.ended === 'string' && own.onEnd?.(header.ended));
      const { data } = hello.safeParse(header.hello);
      const name = data && `${data.part} ${data.host ?? ''}`.trim();
      if (!name || known.has(name)) return channel.close(); // all come before the first experiment's programs can
      known.set(name, { channel });
      channel.trust(`the supervisor of the ${name}`);
      if (everySupervisor.every((one) => known.has(one))) complete.resolve();
    };
    const channel = openChannel(socket, onMessage, { stranger: true });
    channel.unref();
  });
  server.unref();
  chmodSync(aside, 0o660);
  renameSync(aside, path); // it appears when others may use it, not before
  // Compose stops all services once one has ended: that must not take away the exit code of a collector that is just leaving.
  process.on('SIGTERM', () => {});
  return { known, complete: complete.promise };
};

// Hosts as containers without any network of Docker's, each with a sidecar container in the same network namespace. The collector
// stays outside; control goes over its Unix socket, which is all of this machine they see.

import { chownSync, mkdirSync } from 'node:fs';
import { hostname, release } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { settledWithin } from '../control/settled-within.ts';
import { tokenVariable } from '../control/token.ts';
import type { Child } from '../process/child.ts';
import { letFamilyGoFirst } from '../process/priority.ts';
import type { HostName } from '../record/hosts.ts';
import { dockerOutput, docker as run, startDocker } from './docker/command.ts';
import { enginesSysctls } from './docker/engines-sysctls.ts';
import { type Image, prepareImage, projectFolder } from './docker/image.ts';
import { labels, removeLeftovers } from './docker/leftovers.ts';
import { asSidecar, groupOfContainers, hostRights, sidecarRights } from './docker/rights.ts';
import type { Control, Place, PlacedHost } from './lab.ts';
import { LabError } from './lab-error.ts';
import { makeScratch, type Scratch } from './scratch.ts';

export const docker: Place = {
  name: 'docker',
  ownSysctls: enginesSysctls,
  environment: async () => (await prepared()).versions,
  coresEach: 2, // its own, and the engine's, which starts and removes the containers of others
  /** Start the hosts, and with each, as soon as it runs, its sidecar. */
  scratch: () => scratchForContainers(),
  start: async (control) => {
    const image = await prepared();
    return Promise.all(control.hosts.map((host) => startHost(host, image, control)));
  },
};

/** What needs to be done once, however many labs there will be. */
const prepared = (): Promise<Image> => {
  preparing ??= prepare();
  return preparing;
};
let preparing: Promise<Image> | undefined;

const prepare = async (): Promise<Image> => {
  await requireEngineHere();
  const [image] = await Promise.all([
    prepareImage((text) => process.stderr.write(`finwait: ${text}\n`)),
    removeLeftovers(),
  ]);
  return image;
};

/** A Unix socket is reached only on the machine it is on. Throws LabError when the engine runs elsewhere, or does not answer. */
const requireEngineHere = async () => {
  const [name, kernel] = (await dockerOutput(['info', '--format', '{{.Name}}\t{{.KernelVersion}}'])).split('\t');
  if (process.platform === 'linux' && name === hostname() && kernel === release()) return;
  throw new LabError(
    `The Docker engine runs on another machine (${name}, kernel ${kernel}), and its containers cannot reach this one's control socket.`,
    'Run `docker compose up` there: its collector is a container as well. docs/docker.md says how.',
  );
};

const controlFolder = '/run/finwait';

/**
 * The socket lies in a folder within the private one, and that folder alone is what containers see of this machine:
 * they reach it by their group, and nobody else on the machine gets as far as its door.
 */
const scratchForContainers = (): Scratch => {
  const { folder: outer, remove } = makeScratch();
  const folder = join(outer, 'control');
  mkdirSync(folder, { mode: 0o710 });
  const group = groupOfContainers();
  chownSync(folder, process.getuid?.() ?? 0, group);
  return { folder, group, remove };
};

const startHost = async (host: HostName, image: Image, control: Control): Promise<PlacedHost> => {
  const shared = dirname(control.path);
  const lab = basename(dirname(shared)).replace(/^finwait-/, '');
  const names = { host: `finwait-${lab}-${host}`, sidecar: `finwait-${lab}-${host}-sidecar` };
  const mount = ['--mount', `type=bind,source=${shared},target=${controlFolder},readonly`];
  const common = [
    'run',
    '--rm',
    '--pull',
    'never',
    ...labels(lab),
    '--label',
    `finwait.host=${host}`,
    ...mount,
    '--env',
    `FINWAIT_PROJECT=${projectFolder}`,
    // Without a value: docker takes it from its own environment, which `ps` does not show to others.
    '--env',
    tokenVariable,
  ];
  const program = (name: string) => {
    const node = `node programs/${name}.mjs --control ${controlFolder}/${basename(control.path)} --host ${host}`;
    return ['sh', '-c', `echo running; exec ${node}`];
  };
  const parts: Part[] = [];
  const over = Promise.withResolvers<void>();
  let removing = false;
  const begin = async (what: string, role: 'agent' | 'sidecar', args: string[]): Promise<Part> => {
    const part = follow(what, await startDocker(args, { [tokenVariable]: control.token(role, host) }));
    parts.push(part);
    void part.ended.then(() => over.resolve());
    return part;
  };

  const hostPart = await begin(`the container ${names.host}`, 'agent', [
    ...common,
    '--name',
    names.host,
    ...hostRights(),
    image.name,
    ...program('host/agent'),
  ]);
  const begun = hostPart.running.then(async () => {
    if (removing) return;
    const rights = sidecarRights(names.host);
    const sidecar = await begin(`its sidecar ${names.sidecar}`, 'sidecar', [
      ...common,
      '--name',
      names.sidecar,
      ...rights,
      image.name,
      ...asSidecar,
      ...program('witness/sidecar'),
    ]);
    // By itself it may not: that takes CAP_SYS_NICE. Where nobody may, it is only slower.
    void sidecar.running.then(() => letFamilyGoFirst(() => pidOf(names.sidecar))).catch(() => {});
  });

  return {
    host,
    words: () => parts.flatMap((part) => part.words()).join(' '),
    ended: over.promise,
    remove: async () => {
      removing = true;
      await settledWithin(patienceMilliseconds, Promise.race([begun, hostPart.ended]));
      const isOver = Promise.all(parts.map((part) => part.ended));
      // Also when they are ending by themselves: whoever comes second finds nothing left to do.
      await settledWithin(patienceMilliseconds, run(['rm', '--force', '--volumes', ...Object.values(names)]));
      await settledWithin(patienceMilliseconds, isOver);
    },
  };
};

/** The id, on this machine, of a container's first process. */
const pidOf = async (container: string): Promise<number | undefined> => {
  const { ok, stdout } = await run(['inspect', '--format', '{{.State.Pid}}', container]);
  return ok && Number(stdout) > 0 ? Number(stdout) : undefined;
};

/** An engine that is asked to remove its containers takes about a second. */
const patienceMilliseconds = 8000;

type Part = { running: Promise<void>; ended: Promise<void>; words(): string[] };

/** Follow a container through the `docker run` that started it, which ends when the container is removed. */
const follow = (what: string, child: Child): Part => {
  const running = Promise.withResolvers<void>();
  let end = '';
  child.stdout.on('data', () => running.resolve());
  const ended = child.ended.then(({ code, how }) => {
    end = `${what} ended with ${code ?? how}${code === 137 ? ' (killed)' : ''}.`;
  });
  return { running: running.promise, ended, words: () => [end, child.words()].filter(Boolean) };
};

// Hosts as containers without any network of Docker's, each with a sidecar container in the same network namespace. The collector
// stays outside; control goes over its Unix socket, which is all of this machine they see.

import type { ChildProcess } from 'node:child_process';
import { hostname, release } from 'node:os';
import { basename, dirname } from 'node:path';
import type { HostName } from '../timeline/schema.ts';
import { dockerOutput, docker as run, startDocker } from './docker/command.ts';
import { enginesSysctls } from './docker/engines-sysctls.ts';
import { type Image, prepareImage, projectFolder } from './docker/image.ts';
import { labels, removeLeftovers } from './docker/leftovers.ts';
import { hostRights, sidecarRights } from './docker/rights.ts';
import type { Place, PlacedHost } from './lab.ts';
import { LabError } from './lab-error.ts';

export const docker: Place = {
  name: 'docker',
  ownSysctls: enginesSysctls,
  environment: async () => (await prepared()).versions,
  /** Start both hosts, and with each, as soon as it runs, its sidecar. */
  start: async (controlPath) => {
    const image = await prepared();
    return [startHost('client', image, controlPath), startHost('server', image, controlPath)];
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

const startHost = (host: HostName, image: Image, controlPath: string): PlacedHost => {
  const lab = basename(dirname(controlPath));
  const names = { host: `finwait-${lab}-${host}`, sidecar: `finwait-${lab}-${host}-sidecar` };
  const mount = ['--mount', `type=bind,source=${dirname(controlPath)},target=${controlFolder},readonly`];
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
  ];
  const program = (path: string) => {
    const node = `node --disable-warning=ExperimentalWarning ${path} --control ${controlFolder}/${basename(controlPath)} --host ${host}`;
    return [image.name, 'sh', '-c', `echo running; exec ${node}`];
  };
  const parts: Part[] = [];
  const over = Promise.withResolvers<void>();
  let removing = false;
  const begin = (what: string, args: string[]): Part => {
    const part = follow(what, startDocker(args));
    parts.push(part);
    void part.ended.then(() => over.resolve());
    return part;
  };

  const hostPart = begin(`the container ${names.host}`, [
    ...common,
    '--name',
    names.host,
    ...hostRights,
    ...program('src/host/agent.ts'),
  ]);
  const begun = hostPart.running.then(() => {
    if (removing) return;
    const rights = sidecarRights(names.host);
    begin(`its sidecar ${names.sidecar}`, [
      ...common,
      '--name',
      names.sidecar,
      ...rights,
      ...program('src/witness/sidecar.ts'),
    ]);
  });

  return {
    host,
    words: () => parts.flatMap((part) => part.words()).join(' '),
    ended: over.promise,
    remove: async () => {
      removing = true;
      await Promise.race([begun, hostPart.ended]);
      const isOver = Promise.all(parts.map((part) => part.ended));
      // Also when they are ending by themselves: whoever comes second finds nothing left to do.
      await run(['rm', '--force', '--volumes', ...Object.values(names)]);
      await Promise.race([isOver, new Promise((resolve) => setTimeout(resolve, patienceMilliseconds).unref())]);
    },
  };
};

const patienceMilliseconds = 5000;

type Part = { running: Promise<void>; ended: Promise<void>; words(): string[] };

/** Follow a container through the `docker run` that started it, which ends when the container is removed. */
const follow = (what: string, child: ChildProcess): Part => {
  const running = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let words = '';
  let end = '';
  child.stdout?.on('data', () => running.resolve());
  child.stderr?.on('data', (text) => {
    words = (words + text).slice(-2000);
  });
  child.once('error', (error) => {
    words += error.message;
    ended.resolve();
  });
  child.once('close', (code) => {
    end = `${what} ended with ${code}${code === 137 ? ' (killed)' : ''}.`;
    ended.resolve();
  });
  return { running: running.promise, ended: ended.promise, words: () => [end, words.trim()].filter(Boolean) };
};

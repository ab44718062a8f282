// Least privilege, read off the running containers: each may do what is written here, and nothing more.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finwait, resultsFolder } from '../finwait.ts';
import { composeProject } from './compose-project.ts';
import { containers, eventually, type Inspected, inspect } from './engine.ts';

type Role = 'host' | 'sidecar' | 'collector' | 'results';

/** What differs from role to role. `user` as the image or the service names it. */
const granted: Record<
  Role,
  { user: RegExp; capabilities: string[]; devices: string[]; options: string[]; network: RegExp }
> = {
  host: { user: /^host$/, capabilities: [], devices: [], options: [], network: /^none$/ },
  sidecar: {
    user: /^0:0$/,
    capabilities: ['NET_ADMIN', 'NET_RAW'],
    devices: ['/dev/net/tun'],
    options: ['apparmor=unconfined', 'systempaths=unconfined'],
    network: /^container:/,
  },
  collector: { user: /^collector$/, capabilities: [], devices: [], options: [], network: /^none$/ },
  results: { user: /^0:0$/, capabilities: ['SETGID', 'SETUID'], devices: [], options: [], network: /^none$/ },
};

/** Where something of the machine may be seen: the control socket, read-only for all but the collector, and the results. */
const writable: Record<Role, string[]> = {
  host: [],
  sidecar: [],
  collector: ['/finwait/results', '/run/finwait'],
  results: ['/results'],
};

const expectNothingMore = (role: Role, { Config, HostConfig, Mounts }: Inspected) => {
  const { user, capabilities, devices, options, network } = granted[role];
  expect(Config.User).toMatch(user);
  expect(HostConfig.NetworkMode).toMatch(network);
  expect(HostConfig.Privileged).toBe(false);
  expect(HostConfig.CapDrop).toEqual(['ALL']);
  expect(names(HostConfig.CapAdd)).toEqual(capabilities);
  expect((HostConfig.Devices ?? []).map(({ PathOnHost }) => PathOnHost)).toEqual(devices);
  expect(HostConfig.DeviceRequests ?? []).toEqual([]);
  expect(HostConfig.DeviceCgroupRules ?? []).toEqual([]);
  expect(securityOptions(HostConfig)).toEqual(['no-new-privileges', ...options].sort());
  expect(HostConfig.ReadonlyRootfs).toBe(true);
  expect(HostConfig.PidsLimit).toBeGreaterThan(0);
  expect(HostConfig.Memory).toBeGreaterThan(0);
  expect([HostConfig.PidMode, HostConfig.UTSMode, HostConfig.UsernsMode]).toEqual(['', '', '']);
  expect(['private', 'shareable']).toContain(HostConfig.IpcMode);
  expect(HostConfig.GroupAdd ?? []).toEqual([]);
  expect([HostConfig.PortBindings ?? {}, Config.ExposedPorts ?? {}, HostConfig.PublishAllPorts]).toEqual([
    {},
    {},
    false,
  ]);
  expect(Mounts.filter(({ Source }) => /docker\.sock|containerd/.test(Source))).toEqual([]);
  expect(
    Mounts.filter(({ RW }) => RW)
      .map(({ Destination }) => Destination)
      .sort(),
  ).toEqual(writable[role]);
};

const names = (capabilities: string[] | null) => (capabilities ?? []).map((name) => name.replace('CAP_', '')).sort();

/** `systempaths=unconfined` is no option to the engine, but the absence of two lists. */
const securityOptions = ({ SecurityOpt, MaskedPaths, ReadonlyPaths }: Inspected['HostConfig']) => {
  const open = MaskedPaths?.length === 0 && ReadonlyPaths?.length === 0;
  const told = (SecurityOpt ?? [])
    .map((option) => option.replace(':true', '').replace('=true', ''))
    .filter((option) => option !== 'systempaths=unconfined');
  return [...told, ...(open ? ['systempaths=unconfined'] : [])].sort();
};

const roleOf = (name: string): Role =>
  /sidecar/.test(name) ? 'sidecar' : /collector/.test(name) ? 'collector' : /results/.test(name) ? 'results' : 'host';

describe('finwait run --place docker', () => {
  const results = resultsFolder();
  let stop: () => Promise<unknown>;
  let running: Inspected[];

  beforeAll(async () => {
    const run = finwait(['run', 'time-wait-length', '--place', 'docker', '--results', results]);
    stop = async () => {
      run.kill('SIGINT');
      await run;
    };
    const mine = `finwait-${run.pid}-`;
    running = await eventually(
      'four containers',
      async () => {
        const found = (await containers()).filter((name) => name.startsWith(mine));
        return found.length === 4 ? inspect(...found) : undefined;
      },
      240,
    );
  }, 300_000);
  afterAll(() => stop(), 60_000);

  test('two hosts and two sidecars', () => {
    expect(running.map(({ Name }) => roleOf(Name)).sort()).toEqual(['host', 'host', 'sidecar', 'sidecar']);
  });
  test.each([0, 1, 2, 3])('container %i', (nth) => {
    const container = running[nth] as Inspected;
    expectNothingMore(roleOf(container.Name), container);
  });
});

describe('docker compose up', () => {
  const project = composeProject();
  let running: Inspected[];

  beforeAll(async () => {
    const up = project.up({ EXPERIMENT: 'time-wait-length' });
    running = await eventually(
      'six containers',
      async () => {
        const found = await project.containers();
        return found.length === 6 ? inspect(...found) : undefined;
      },
      240,
    );
    up.kill('SIGINT');
    await up;
  }, 300_000);

  test.each(['host', 'sidecar', 'collector', 'results'] as const)('%s', (role) => {
    const ofRole = running.filter(({ Name }) => roleOf(Name.replace(project.name, '')) === role);
    expect(ofRole).toHaveLength(role === 'host' || role === 'sidecar' ? 2 : 1);
    for (const container of ofRole) expectNothingMore(role, container);
  });
});

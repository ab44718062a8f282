// Least privilege, read off the running containers: each may do what is written here, and nothing more.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
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
  host: { user: /^host(:10000)?$/, capabilities: [], devices: [], options: [], network: /^none$/ },
  sidecar: {
    // Root for as long as it takes to become somebody else: see below for what runs in it.
    user: /^0:(10000|finwait)$/,
    capabilities: ['NET_ADMIN', 'NET_RAW', 'SETGID', 'SETPCAP', 'SETUID'],
    devices: ['/dev/net/tun'],
    options: [],
    network: /^container:/,
  },
  collector: { user: /^collector$/, capabilities: [], devices: [], options: [], network: /^none$/ },
  results: { user: /^0:0$/, capabilities: ['SETGID', 'SETUID'], devices: [], options: [], network: /^none$/ },
};

/** Where something may be written: the control socket by the collector alone, the results, and the sysctls of a network stack. */
const writable: Record<Role, string[]> = {
  host: [],
  sidecar: ['/run/sysctl/net'],
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

/** Of the machine the engine runs on: whoever writes these is root on it, or disturbs it. */
const ofTheMachine = [
  'vm/swappiness',
  'vm/drop_caches',
  'kernel/core_pattern',
  'kernel/modprobe',
  'kernel/sysrq',
  'fs/file-max',
];
const sysctlHere = (name: string) => {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8');
  } catch {
    return ''; // vm.drop_caches can only be written
  }
};

/** Nothing of a process that has ended meanwhile. */
const statusOf = (pid: string): string[] => {
  try {
    return [readFileSync(`/proc/${pid}/status`, 'utf8')];
  } catch {
    return [];
  }
};

/** What `status` says of every process of a container, seen from the machine: who it is and what it may. */
const processesOf = async (container: string) => {
  const { stdout } = await execa('docker', ['top', container, '-eo', 'pid']);
  return stdout
    .split('\n')
    .slice(1)
    .flatMap((pid) => statusOf(pid.trim()))
    .map((status) => {
      const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
      return {
        users: [...new Set(field('Uid').split('\t'))],
        capabilities: ['CapPrm', 'CapEff', 'CapBnd', 'CapInh', 'CapAmb'].map((name) =>
          Number.parseInt(field(name), 16),
        ),
        confined: field('NoNewPrivs'),
      };
    });
};

/** NET_ADMIN (12) and NET_RAW (13): linux/capability.h */
const netAdminAndNetRaw = (1 << 12) | (1 << 13);

const expectOnlyTheNetwork = async (container: string) => {
  // The engine's own check of health is root, for as long as it takes to look at a file.
  const settled = async () => {
    const all = await processesOf(container);
    return all.every(({ users }) => users.join() === '10003') ? all : undefined;
  };
  for (const one of await eventually('a moment without a check of health', settled, 20))
    expect(one).toEqual({ users: ['10003'], capabilities: Array(5).fill(netAdminAndNetRaw), confined: '1' });

  // As the sidecar is, and as root in its container, which is more.
  for (const how of [['sh', 'docker/sidecar.sh'], []]) {
    const attempt = (script: string) =>
      execa('docker', ['exec', '--user', '0:10000', container, ...how, 'sh', '-c', script], { reject: false });
    for (const name of ofTheMachine) {
      const before = sysctlHere(name);
      for (const path of [
        `/proc/sys/${name}`,
        `/run/sysctl/net/../${name}`,
        `/proc/1/root/proc/sys/${name}`,
        `/run/sysctl/${name}`,
      ]) {
        const { exitCode, stderr } = await attempt(`echo 1 > ${path}`);
        expect([path, exitCode === 0, stderr]).toEqual([
          path,
          false,
          expect.stringMatching(
            /Read-only file system|Permission denied|Directory nonexistent|No such file|nonexistent/i,
          ),
        ]);
      }
      expect(sysctlHere(name)).toBe(before);
    }
    for (const command of [
      'mount -o remount,rw /proc/sys',
      'mount -t proc proc /tmp',
      'echo b > /proc/sysrq-trigger',
      'mknod /tmp/null c 1 3',
      'chroot /',
      'nsenter --target 1 --net true',
    ])
      expect([command, (await attempt(command)).exitCode === 0]).toEqual([command, false]);
    const own = await attempt(
      'echo 17 > /run/sysctl/net/ipv4/tcp_fin_timeout && cat /proc/sys/net/ipv4/tcp_fin_timeout',
    );
    expect(own).toMatchObject({ exitCode: 0, stdout: '17' });
    expect(sysctlHere('net/ipv4/tcp_fin_timeout')).toBe(finTimeoutHere);
  }
};
const finTimeoutHere = sysctlHere('net/ipv4/tcp_fin_timeout');

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

  test('a sidecar writes to no sysctl of the machine', async () => {
    const sidecars = running.filter(({ Name }) => roleOf(Name) === 'sidecar');
    expect(sidecars).toHaveLength(2);
    for (const { Name } of sidecars) await expectOnlyTheNetwork(Name.replace('/', ''));
  });

  test('the socket is seen by these containers, and by nobody else on the machine', async () => {
    const [{ Source = '' } = {}] = (running[0] as Inspected).Mounts.filter(
      ({ Destination }) => Destination === '/run/finwait',
    );
    expect(statSync(dirname(Source)).mode & 0o777).toBe(0o700);
    expect(statSync(Source).mode & 0o777).toBe(0o710);
    expect(statSync(join(Source, 'control.sock')).mode & 0o777).toBe(0o660);
    const neighbour = ['--reuid', '65534', '--regid', '10000', '--clear-groups', 'ls', Source];
    expect((await execa('setpriv', neighbour, { reject: false })).stderr).toContain('Permission denied');
  });

  test('a token stands on no command line, and in no label', async () => {
    const inspected = JSON.stringify(
      running.map(({ Config, ...rest }) => ({ ...rest, Config: { ...Config, Env: [] } })),
    );
    const tokens = running.map(
      ({ Config }) => Config.Env.find((one) => one.startsWith('FINWAIT_TOKEN='))?.slice(14) ?? '',
    );
    expect(new Set(tokens).size).toBe(4);
    const { stdout } = await execa('ps', ['-eo', 'args']);
    for (const token of tokens) {
      expect(token).toHaveLength(32);
      expect(inspected).not.toContain(token);
      expect(stdout).not.toContain(token);
    }
  });
});

describe('docker compose up', () => {
  const project = composeProject();
  let running: Inspected[];
  let sidecars: string[];
  let stop: () => Promise<unknown>;

  beforeAll(async () => {
    const up = project.up({ EXPERIMENT: 'time-wait-length' });
    running = await eventually(
      'six containers',
      async () => {
        const found = await project.containers();
        return found.length === 8 ? inspect(...found) : undefined;
      },
      240,
    );
    sidecars = running
      .filter(({ Name }) => roleOf(Name.replace(project.name, '')) === 'sidecar')
      .map(({ Name }) => Name.replace('/', ''));
    stop = async () => {
      up.kill('SIGINT');
      await up;
    };
  }, 300_000);
  afterAll(() => stop(), 60_000);

  test('a sidecar writes to no sysctl of the machine', async () => {
    expect(sidecars).toHaveLength(3);
    for (const name of sidecars) await expectOnlyTheNetwork(name);
  });

  test.each(['host', 'sidecar', 'collector', 'results'] as const)('%s', (role) => {
    const ofRole = running.filter(({ Name }) => roleOf(Name.replace(project.name, '')) === role);
    expect(ofRole).toHaveLength(role === 'host' || role === 'sidecar' ? 3 : 1);
    for (const container of ofRole) expectNothingMore(role, container);
  });
});

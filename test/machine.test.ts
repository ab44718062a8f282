// Machines that are not as one would wish: no root, no capability, a program missing, a disk that is full. Each is made
// in a mount namespace of the test's own; nothing of the machine itself is changed.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, describe, expect, test } from 'vitest';
import { program, projectFolder, readDocument } from './finwait.ts';
import { makeMark } from './leftovers.ts';

const folder = mkdtempSync(join(tmpdir(), 'machines-of-a-test-'));
chmodSync(folder, 0o777);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const harness = `'${process.execPath}' '${program}'`;
const nobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups';

/** Run a shell script in mount namespace of its own. */
const inMounts = (script: string, env: Record<string, string> = {}) =>
  execa('unshare', ['--mount', 'sh', '-c', script], { reject: false, cwd: projectFolder, stdin: 'ignore', env });

/** A /dev/net/tun of the script's own, with this mode. */
const ownTun = (mode: string) => {
  const tun = join(folder, `tun-${mode}`);
  rmSync(tun, { force: true });
  execFileSync('mknod', ['-m', mode, tun, 'c', '10', '200']);
  return `mount --bind '${tun}' /dev/net/tun`;
};

describe('without root', () => {
  test('it runs, when /dev/net/tun may be opened, and leaves nothing', async () => {
    const mark = makeMark();
    chmodSync(mark.temporary, 0o1777);
    const results = join(folder, 'nobody');
    const { exitCode, stdout, stderr } = await inMounts(
      `${ownTun('0666')} && exec ${nobody} ${harness} run kill-nine --json --results '${results}'`,
      mark.environment,
    );
    expect(exitCode, stderr).toBe(0);
    expect(readDocument(stdout).runs[0]?.findings.map(({ verdict }) => verdict)).toEqual(['reproduced']);
    expect(await mark.settled()).toEqual({ processes: [], namespaces: [], files: [] });
  });

  test('it leaves nothing after kill -9 either', async () => {
    const mark = makeMark();
    chmodSync(mark.temporary, 0o1777);
    const run = inMounts(
      `${ownTun('0666')} && exec ${nobody} ${harness} run half-close --json --results '${folder}/killed'`,
      mark.environment,
    );
    const deadline = performance.now() + 10_000;
    while (mark.find(/raw-process\.(ts|mjs)/).length === 0 && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5));
    for (const pid of mark.find(/cli\.mjs run/)) process.kill(pid, 'SIGKILL');
    await run;
    const { processes, namespaces } = await mark.settled();
    expect({ processes, namespaces }).toEqual({ processes: [], namespaces: [] });
  });

  test('it says so, with the remedy, when /dev/net/tun may not be opened', async () => {
    const results = join(folder, 'closed');
    const { exitCode, stdout, stderr } = await inMounts(
      `${ownTun('0600')} && exec ${nobody} ${harness} run half-close --json --results '${results}'`,
    );
    expect(stderr).toContain(
      '/dev/net/tun cannot be opened by this user, so a lab has no link. Run as root, or allow it: sudo chmod 0666 /dev/net/tun',
    );
    expect(exitCode).toBe(3);
    expect(stdout).toBe('');
    expect(readdirSync(join(results, 'half-close'))).toEqual([]);
  });
});

describe('without a capability', () => {
  test.each([
    ['sys_admin', /does not let this user make namespaces\. .*--cap-add SYS_ADMIN/],
    ['net_admin', /CAP_NET_ADMIN is missing\. .*--cap-add NET_ADMIN/],
    ['net_raw', /CAP_NET_RAW is missing\. .*--cap-add NET_RAW/],
  ])('%s: exit code 3 and the remedy', async (capability, sentence) => {
    const drop = `setpriv --bounding-set=-${capability} --inh-caps=-${capability}`;
    const { exitCode, stderr } = await inMounts(
      `exec ${drop} ${harness} run half-close --json --results '${folder}/capability'`,
    );
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(exitCode).toBe(3);
  });
});

describe('without a program', () => {
  const programs = { ss: 'iproute2', ip: 'iproute2', tcpdump: 'tcpdump', unshare: 'util-linux', setpriv: 'util-linux' };
  const pathWithout = (missing: string): string => {
    const bin = join(folder, `without-${missing}`);
    mkdirSync(bin);
    for (const one of ['sh', 'prlimit', ...Object.keys(programs)])
      if (one !== missing) symlinkSync(find(one), join(bin, one));
    return bin;
  };
  test.each(Object.entries(programs))('%s: exit code 3 and the package to install', async (missing, debianPackage) => {
    const { exitCode, stderr, stdout } = await execa(
      process.execPath,
      [program, 'run', 'half-close', '--json', '--results', join(folder, 'program')],
      {
        reject: false,
        env: { PATH: pathWithout(missing) },
      },
    );
    expect(stderr).toContain(
      `There is no program ${missing} on the PATH. Install it: sudo apt-get install ${debianPackage}`,
    );
    expect(stdout).toBe('');
    expect(exitCode).toBe(3);
  });
});

describe('where results cannot be written', () => {
  test.each(['12k', '48k', '200k'])(
    'a disk of %s is full: the sentence, exit code 3, and what was recorded is kept',
    async (size) => {
      const disk = join(folder, `disk-${size}`);
      mkdirSync(disk);
      const kept = join(folder, `kept-${size}`);
      const { exitCode, stdout, stderr } = await inMounts(
        `mount -t tmpfs -o size=${size} none '${disk}'; ${harness} run half-close --json --results '${disk}'; code=$?; cp -r '${disk}' '${kept}'; exit $code`,
      );
      expect(stderr).toMatch(
        /ENOSPC.*The disk is full: make room, or write results elsewhere with --results DIR\. What was recorded before is kept\.$/,
      );
      expect(stdout).toBe('');
      expect(exitCode).toBe(3);
      const [run] = readdirSync(join(kept, 'half-close')).filter((name) => !name.startsWith('latest'));
      expect(JSON.parse(readFileSync(join(kept, 'half-close', String(run), 'plan.json'), 'utf8'))).toMatchObject({
        experiment: 'half-close',
      });
    },
  );

  test('a disk that is read-only', async () => {
    const disk = join(folder, 'read-only');
    mkdirSync(disk);
    const { exitCode, stderr } = await inMounts(
      `mount -t tmpfs -o ro none '${disk}'; ${harness} run half-close --json --results '${disk}'`,
    );
    expect(stderr).toMatch(/The results cannot be written: EROFS.*Write them elsewhere: --results DIR$/);
    expect(exitCode).toBe(3);
  });

  test.each(['/dev/null', '/proc/nothing/here'])('a folder that cannot be: %s', async (path) => {
    const { exitCode, stderr } = await inMounts(`${harness} run half-close --json --results '${path}'`);
    expect(stderr).toMatch(/The results cannot be written: E\w+.*Write them elsewhere: --results DIR$/);
    expect(exitCode).toBe(3);
  });

  test('a folder of somebody else', async () => {
    const others = join(folder, 'others');
    mkdirSync(others, { mode: 0o755 });
    const { exitCode, stderr } = await inMounts(
      `${ownTun('0666')} && exec ${nobody} ${harness} run half-close --json --results '${others}'`,
    );
    expect(stderr).toMatch(/The results cannot be written: EACCES.*Write them elsewhere: --results DIR$/);
    expect(exitCode).toBe(3);
  });
});

const find = (name: string): string => {
  for (const place of (process.env.PATH ?? '').split(delimiter)) {
    if (place !== '' && !place.includes('node_modules') && readdirSafely(place).includes(name))
      return join(place, name);
  }
  throw new Error(`There is no ${name} on the PATH.`);
};
const readdirSafely = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

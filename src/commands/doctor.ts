// finwait doctor: what this machine can do, what is missing, and the remedy.

import { accessSync, constants } from 'node:fs';
import { release } from 'node:os';
import type { CommandModule } from 'yargs';
import { readAbilities } from '../lab/docker/abilities.ts';
import { docker } from '../lab/docker.ts';
import { type Place, startLab } from '../lab/lab.ts';
import { LabError } from '../lab/lab-error.ts';
import { namespaces } from '../lab/namespaces.ts';
import { run } from '../process/child.ts';
import { twoHosts } from '../record/hosts.ts';
import { errorCodeOf, messageOf } from '../record/thrown.ts';
import { exitCode } from './exit-code.ts';

/** What is `optional` is shown, and missing it is no fault of the machine. */
type Finding = { what: string; ok: boolean; words: string; remedy?: string; optional?: boolean };

export const doctorCommand: CommandModule<object, { json: boolean }> = {
  command: 'doctor',
  describe: 'What this machine can do, what is missing, and the remedy',
  builder: { json: { type: 'boolean', default: false, describe: 'One JSON document on stdout' } },
  handler: async ({ json }) => {
    const findings = await examine();
    if (json) process.stdout.write(`${JSON.stringify({ checks: findings }, null, 2)}\n`);
    else
      for (const { what, ok, words, remedy, optional } of findings)
        process.stdout.write(
          `${ok ? '✓' : optional ? '–' : '✗'} ${what}: ${words}${ok || !remedy ? '' : `\n    ${remedy}`}\n`,
        );
    process.exitCode = findings.every(({ ok, optional }) => ok || optional) ? exitCode.decided : exitCode.machine;
  },
};

const examine = async (): Promise<Finding[]> => {
  const tools = await Promise.all([
    tool('tcpdump', ['--version'], 'tcpdump'),
    tool('ss', ['-V'], 'iproute2'),
    tool('unshare', ['--version'], 'util-linux'),
    tool('setpriv', ['--version'], 'util-linux'),
    tool('prlimit', ['--version'], 'util-linux'),
    tool('strace', ['--version'], 'strace'),
  ]);
  const languages = await Promise.all([language('javac', ['-version'], 'java'), language('go', ['version'], 'go')]);
  return [
    platform(),
    node(),
    ...tools,
    ...languages,
    tun(),
    await lab('namespaces lab', namespaces),
    ...(await dockerFindings()),
  ];
};

const platform = (): Finding => ({
  what: 'kernel',
  ok: process.platform === 'linux',
  words: `${process.platform} ${release()}`,
  remedy: 'The namespaces lab needs Linux. Elsewhere, use a Linux machine or a virtual one.',
});

const node = (): Finding => ({
  what: 'Node',
  ok: Number(process.versions.node.split('.')[0]) >= 24,
  words: process.versions.node,
  remedy: 'Start finwait through npm (`npm run finwait doctor`), which puts Node 24 first on the path.',
});

const tool = async (command: string, args: string[], debianPackage: string): Promise<Finding> => {
  const what = command;
  const { ok, isMissing, stdout, stderr, words } = await run(command, args);
  if (ok) return { what, ok, words: (stdout || stderr).split('\n')[0]?.trim() ?? '' };
  return {
    what,
    ok,
    words: isMissing ? 'not found' : (words.split('\n')[0] ?? ''),
    remedy: `sudo apt-get install ${debianPackage}`,
  };
};

/** A few cases need it; without it they are not applicable on this machine. */
const language = async (command: string, args: string[], name: string): Promise<Finding> => ({
  ...(await tool(command, args, '')),
  remedy: `For a few cases of articles: npm run setup -- --with ${name}`,
  optional: true,
});

const tun = (): Finding => {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return { what: '/dev/net/tun', ok: true, words: 'can be opened' };
  } catch (error) {
    const missing = errorCodeOf(error) === 'ENOENT';
    return {
      what: '/dev/net/tun',
      ok: false,
      words: missing ? 'does not exist' : 'cannot be opened by this user',
      remedy: missing ? 'sudo modprobe tun' : 'Run as root, or: sudo chmod 0666 /dev/net/tun',
    };
  }
};

/** The proof: a lab is started and removed. */
const lab = async (what: string, place: Place): Promise<Finding> => {
  const begun = performance.now();
  try {
    const started = await startLab(place, { receive: () => {}, arrived: () => {} }, { hosts: twoHosts });
    await started.remove();
    return { what, ok: true, words: `started and removed in ${Math.round(performance.now() - begun)} ms` };
  } catch (error) {
    return {
      what,
      ok: false,
      words: wordsOf(error),
      remedy:
        error instanceof LabError
          ? error.remedy
          : 'Run as root, or allow user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0',
    };
  }
};

/**
 * Needed for --place docker and `docker compose up` only. The lab is tried when its image is there: building it takes a
 * minute.
 */
const dockerFindings = async (): Promise<Finding[]> => {
  const what = 'Docker';
  try {
    const { engine, plugins, image } = await readAbilities();
    const found: Finding = { what, ok: true, words: [engine, ...plugins].join('; '), optional: true };
    const untried: Finding = {
      what: 'Docker lab',
      ok: true,
      words: 'not tried: its image is built by the first `finwait run --place docker`',
      optional: true,
    };
    return [found, image ? { ...(await lab('Docker lab', docker)), optional: true } : untried];
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    return [{ what, ok: false, words: wordsOf(error), remedy: error.remedy, optional: true }];
  }
};

/** What failed, without the remedy, which is shown on a line of its own. */
const wordsOf = (error: unknown): string =>
  error instanceof LabError ? error.message.slice(0, -error.remedy.length).trim() : messageOf(error);

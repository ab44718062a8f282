// Hosts as network namespaces nobody named: held only by their own processes, they vanish with them, devices and all,
// the moment the collector is gone, even by SIGKILL.

import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { settledWithin } from '../control/settled-within.ts';
import { tokenVariable } from '../control/token.ts';
import { type Child, start } from '../process/child.ts';
import { childrenOf } from '../process/descendants.ts';
import { programFile } from '../process/program-file.ts';
import { addressOf, type HostName, hostNames } from '../record/hosts.ts';
import { errorCodeOf } from '../record/thrown.ts';
import type { Control, Place, PlacedHost } from './lab.ts';
import { LabError } from './lab-error.ts';

export const namespaces: Place = {
  name: 'namespaces',
  /** Start the hosts: each a pid, mount and network namespace in which an agent and a sidecar run. */
  start: async (control) => {
    checkTun();
    writeFileSync(hostsFile(control), namesOfHosts(control));
    return Promise.all(control.hosts.map((host) => startHost(host, control)));
  },
};

const settings = '/proc/sys/net/ipv4';

/**
 * A network namespace made within one that asks for it has a table of sockets of its own (tcp_child_ehash_entries,
 * since Linux 6.1; the machine's has a bucket for every 100 KB of memory). ss goes through all of it each time it
 * looks: of 4096 buckets that takes a fifth of the time. Two limits follow from the size of the table
 * (tcp_set_hashinfo(), net/ipv4/tcp_ipv4.c): they are set to what they are with the machine's.
 */
const withOwnTable =
  `LIMITS=$(cat ${settings}/tcp_max_tw_buckets ${settings}/tcp_max_syn_backlog); export LIMITS; ` +
  `{ echo 4096 > ${settings}/tcp_child_ehash_entries; } 2>&-; exec "$@"`;
/** Seen in the host's own mount namespace alone, which vanishes with it. */
const ownNames = 'mount --bind "$HOSTS" /etc/hosts 2>&- || :; unset HOSTS; ';
const sameLimits =
  `set_limits() { echo $1 > ${settings}/tcp_max_tw_buckets; echo $2 > ${settings}/tcp_max_syn_backlog; }; ` +
  'set_limits $LIMITS; unset LIMITS; ';

/** The shell becomes the sidecar, which is pid 1 of the namespace: when it ends, the kernel ends all of it. */
const agentAndSidecar =
  'agent=$AGENT_TOKEN sidecar=$SIDECAR_TOKEN; unset AGENT_TOKEN SIDECAR_TOKEN; ' +
  `${tokenVariable}=$agent "$0" "$1" "$2" --control "$4" --host "$5" & ` +
  `export ${tokenVariable}=$sidecar; exec "$0" "$1" "$3" --control "$4" --host "$5"`;

const startHost = async (host: HostName, control: Control): Promise<PlacedHost> => {
  const own = process.getuid?.() === 0 ? [] : ['--user', '--map-current-user', '--keep-caps'];
  const tokens = { AGENT_TOKEN: control.token('agent', host), SIDECAR_TOKEN: control.token('sidecar', host) };
  const programs = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    programFile('host/agent'),
    programFile('witness/sidecar'),
    control.path,
    host,
  ];
  const child = await start(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'unshare', ...own, '--net', 'sh', '-c', withOwnTable, 'sh'],
      ...['unshare', '--net', '--pid', '--mount', '--mount-proc', '--fork', '--kill-child=KILL'],
      ...['sh', '-c', ownNames + sameLimits + agentAndSidecar, ...programs],
    ],
    { detached: true, env: { ...ownEnvironment(), ...tokens, HOSTS: hostsFile(control) } },
  );
  return { host, words: child.words, ended: child.ended.then(() => {}), remove: () => removeHost(child) };
};

/** What every host of a lab sees as /etc/hosts. */
const hostsFile = ({ path }: Control): string => join(dirname(path), 'hosts');

/**
 * hosts(5): the machine's names beside those of the hosts, of which one that is alone has none. `localhost` is the one
 * address that can lead elsewhere.
 */
const namesOfHosts = ({ oneHost, hosts }: Control): string => {
  const ours = new RegExp(`^\\s*\\S+\\s+(.*\\s)?(localhost|${hostNames.join('|')})(\\s|$)`);
  const isOthers = (line: string) => !ours.test(line);
  const machines = existsSync('/etc/hosts') ? readFileSync('/etc/hosts', 'utf8').split('\n').filter(isOthers) : [];
  const names = oneHost ? ['::1 localhost'] : hosts.map((host) => `${addressOf[host].ip} ${host}`);
  return `${['127.0.0.1 localhost', ...names, ...machines.filter(Boolean)].join('\n')}\n`;
};

/** What in the user's environment changes what a program does or prints has no place in a host. */
const ownEnvironment = (): NodeJS.ProcessEnv => {
  const { FORCE_COLOR, NO_COLOR, NODE_OPTIONS, NODE_DEBUG, NODE_V8_COVERAGE, ...rest } = process.env;
  return { ...rest, LC_ALL: 'C' };
};

const killQuietly = (pid: number) => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {} // it has ended meanwhile
};

/** What has been killed is gone at once, unless the kernel itself holds it, or its parent has been stopped. */
const patienceMilliseconds = 2000;

const removeHost = async (child: Child) => {
  if (child.pid === undefined || !child.isRunning()) return;
  // The kernel ends a pid namespace with its first process, whose parent hears of it when all in there are gone.
  for (const pid of childrenOf(child.pid)) killQuietly(pid);
  if (await settledWithin(patienceMilliseconds, child.ended)) return;
  child.kill('SIGKILL');
  await settledWithin(patienceMilliseconds, child.ended);
};

/** Throws LabError when the TAP devices of a lab could not be created. */
const checkTun = () => {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch (error) {
    const code = errorCodeOf(error);
    throw code === 'ENOENT'
      ? new LabError('/dev/net/tun does not exist, so a lab has no link.', 'Load the driver: sudo modprobe tun')
      : new LabError(
          '/dev/net/tun cannot be opened by this user, so a lab has no link.',
          'Run as root, or allow it: sudo chmod 0666 /dev/net/tun',
        );
  }
};

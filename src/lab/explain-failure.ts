// What the words of a program that failed mean for a lab: the cause in a sentence, and the remedy.
import { LabError } from './lab-error.ts';

/** The error for a part of a lab that did not come up, by what it wrote. */
export const explainFailure = (what: string, words: string): LabError => {
  const known = explanations.find(({ sign }) => sign.test(words));
  if (known) {
    const [, program = ''] = known.sign.exec(words) ?? [];
    return new LabError(known.cause(program), known.remedy(program));
  }
  const reason = words.trim();
  return new LabError(
    reason ? `${what}: ${reason.replace(/\.?$/, '.')}` : `${what}.`,
    'Run `finwait doctor` to see what this machine can do.',
  );
};

/** The Debian package of each program a lab is made with. */
const packageOf: Record<string, string> = {
  tcpdump: 'tcpdump',
  ss: 'iproute2',
  ip: 'iproute2',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
};

type Explanation = { sign: RegExp; cause(program: string): string; remedy(program: string): string };

const explanations: Explanation[] = [
  {
    sign: /(?:spawn(?:Sync)?|failed to execute) (\w+)(?: ENOENT|: No such file)/,
    cause: (program) => `There is no program ${program} on the PATH.`,
    remedy: (program) => `Install it: sudo apt-get install ${packageOf[program] ?? program}`,
  },
  {
    // ENOSPC: user.max_user_namespaces is used up, or 0 (user_namespaces(7)).
    sign: /unshare failed: (?:Operation not permitted|No space left on device)/,
    cause: () => 'The system does not let this user make namespaces.',
    remedy: () =>
      'As root in a container: start it with --cap-add SYS_ADMIN --cap-add NET_ADMIN. As a user: sudo sysctl kernel.unprivileged_userns_clone=1 ' +
      'user.max_user_namespaces=15000 kernel.apparmor_restrict_unprivileged_userns=0 (whichever of them exist), or run as root.',
  },
  {
    sign: /TAP device \w+ could not be created|RTNETLINK answers: Operation not permitted/,
    cause: () => 'A host could not make its TAP device: the capability CAP_NET_ADMIN is missing.',
    remedy: () => 'Run as root with all capabilities; in a container: --cap-add NET_ADMIN --device /dev/net/tun',
  },
  {
    sign: /tcpdump[\s\S]*Operation not permitted/,
    cause: () => 'tcpdump may not capture: the capability CAP_NET_RAW is missing.',
    remedy: () => 'Run as root with all capabilities; in a container: --cap-add NET_RAW',
  },
];

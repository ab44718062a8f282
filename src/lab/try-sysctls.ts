// Tries sysctls before a lab is built: sets them in a network namespace that is made for that and gone at once, as
// every host has one of its own.
import { existsSync } from 'node:fs';
import { run } from '../process/child.ts';
import { device } from '../record/hosts.ts';

export type SysctlSetting = { name: string; value: string };
/** `unknown`: there is no such sysctl; `refused`: the kernel does not take the value. */
export type SysctlProblem = SysctlSetting & { is: 'unknown' | 'refused' };

/** The first that cannot be set. Where no namespace can be made, only names are looked at, in the one finwait runs in. */
export const trySysctls = async (settings: SysctlSetting[]): Promise<SysctlProblem | undefined> => {
  if (settings.length === 0) return undefined;
  const tried = settings.map((setting) => ({ ...setting, path: pathOf(setting.name) }));
  const answer = await tryInNamespace(tried.flatMap(({ path, value }) => [path, value]));
  if (answer === undefined) {
    const missing = tried.find(({ path }) => !existsSync(path));
    return missing && { name: missing.name, value: missing.value, is: 'unknown' };
  }
  const [, number, is] = /^(\d+) (unknown|refused)$/m.exec(answer) ?? [];
  const found = settings[Number(number)];
  return found && { ...found, is: is === 'unknown' ? 'unknown' : 'refused' };
};

/** A lab's link is not there yet; every device has the same sysctls. */
const pathOf = (name: string) => `/proc/sys/${name.split('.').join('/')}`.replace(`/${device}/`, '/lo/');

const script = `n=0; while [ $# -gt 0 ]; do
  if ! [ -e "$1" ]; then echo "$n unknown"; elif ! printf %s "$2" > "$1"; then echo "$n refused"; fi
  n=$((n + 1)); shift 2
done 2> /dev/null; echo done`;

/** What the script said; undefined where it could not run to its end. */
const tryInNamespace = async (args: string[]): Promise<string | undefined> => {
  const own = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const { ok, stdout } = await run('unshare', [...own, '--net', 'sh', '-c', script, 'sh', ...args]);
  return ok && /^done$/m.test(stdout) ? stdout : undefined;
};

// Makes a network stack that served one lab fit for the next: as if it had just been created. Where containers stay for
// several experiments, the sidecar's container does this between them; an experiment must not see the sockets or
// sysctls of the one before.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { outputOf, run } from '../../process/child.ts';
import { sysctlFolder } from '../../process/sysctl-folder.ts';
import { device } from '../../record/hosts.ts';

/** The sysctls of the stack, by path. */
export type Sysctls = Map<string, string>;

/** What the sysctls are now. Those of a device come and go with it. */
export const readSysctls = (): Sysctls =>
  new Map(
    filesUnder(sysctlFolder).flatMap((path) => (path.includes(`/${device}/`) ? [] : [[path, read(path)] as const])),
  );

/**
 * Wait until the link of the last lab is gone, destroy the sockets it left (TIME-WAIT and orphans among them), forget
 * what TCP has learned of its peer, reset its routes and their rules, and give each sysctl the value in `original`.
 * Throws, naming it, when something stays.
 */
export const freshen = async (original: Sysctls): Promise<void> => {
  await until(
    () => !readdirSync('/sys/class/net').includes(device),
    5000,
    () => `the device ${device}`,
  );
  // A kernel without CONFIG_INET_DIAG_DESTROY refuses to destroy: there the last TIME-WAIT ends by itself, after 60 seconds.
  await until(
    async () => !(await sockets('-K')) || !(await sockets()),
    65_000,
    async () => `sockets:\n${await sockets()}`,
  );
  await run('ip', ['tcp_metrics', 'flush']); // a kernel without tcp_metrics has nothing to forget
  await run('ip', ['route', 'flush', 'type', 'unreachable']); // what lay beyond a proxy; where there was none it has nothing to do
  await resetRules();
  for (const [path, value] of original) if (read(path) !== value) write(path, value);
  const changed = [...original].filter(([path, value]) => read(path) !== value).map(([path]) => path);
  if (changed.length > 0)
    throw new Error(`The network stack cannot be reused: ${changed.join(', ')} cannot be set back.`);
};

/** The routing rules of a stack that has just been created (ip-rule(8)): a script may have led an address elsewhere. */
const resetRules = async () => {
  const rules = (await outputOf('ip', ['rule'])).split('\n').map((rule) => rule.trim());
  const others = rules.filter((rule) => rule && !firstRules.test(rule));
  if (others.length === 0) return;
  const local = rules.some((rule) => rule.startsWith('0:')) ? [] : ['rule add pref 0 lookup local'];
  const lines = [...local, ...others.map((rule) => `rule del pref ${Number.parseInt(rule, 10)}`)];
  await outputOf('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });
};
const firstRules = /^(0:\s+from all lookup local|32766:\s+from all lookup main|32767:\s+from all lookup default)$/;

type Later<T> = T | Promise<T>;

const until = async (done: () => Later<boolean>, milliseconds: number, what: () => Later<string>) => {
  const deadline = performance.now() + milliseconds;
  while (!(await done())) {
    if (performance.now() > deadline)
      throw new Error(`The network stack cannot be reused: of the last lab there still is ${await what()}`);
    await pause(20);
  }
};

/** The rows of ss for TCP; with -K those it has asked the kernel to destroy. */
const sockets = (...options: string[]): Promise<string> => outputOf('ss', ['-Htan', ...options]);

const filesUnder = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });

/** Empty for one that cannot be read, such as route/flush. */
const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
};

const write = (path: string, value: string) => {
  try {
    writeFileSync(path, value);
  } catch {} // the check afterwards tells
};

// Installs the Debian packages that hold the missing programs, or names the one command that does.
import { setTimeout as wait } from 'node:timers/promises';
import { $ } from 'zx/core';
import { isOnPath } from './commands.mjs';
import { SetupError, sharedCause } from './failure.mjs';
import { step } from './step.mjs';

/**
 * @param {import('./commands.mjs').Command[]} missing
 * @param {(text: string) => void} say
 * @param {import('./exclusively.mjs').Lock} lock
 */
export const installDebianPackages = async (missing, say, lock) => {
  const packages = [...new Set(missing.map(({ debian }) => debian))];
  if (!isOnPath('apt-get')) throw notDebian(missing);
  if (process.getuid?.() !== 0) throw notRoot(missing, packages);
  await step(`installing the Debian packages ${packages.join(', ')}`, say, () => aptGet(packages, lock));
};

/**
 * @param {string[]} packages
 * @param {import('./exclusively.mjs').Lock} lock
 */
const aptGet = async (packages, lock) => {
  // The programs hold the lock as well, as an inherited descriptor.
  const stdio = /** @type {import('node:child_process').StdioOptions} */ (['ignore', 'pipe', 'pipe', lock ?? 'ignore']);
  const shell = $({ env, stdio, quiet: true, nothrow: true });
  const update = await updateLists(shell);
  const install = await shell`apt-get ${options} install --yes --no-install-recommends ${packages}`;
  // A list that could not be fetched (some other vendor's, say) matters only when the packages then cannot be had.
  if (!install.ok) throw aptFailed(update.stdall + install.stdall);
};

const options = ['-q', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3', '-o', 'Dpkg::Use-Pty=0'];
const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8', NEEDRESTART_SUSPEND: '1' };

// apt-get waits for dpkg's lock when told to, but never for the one on its package lists.
/** @param {import('zx/core').Shell} shell */
const updateLists = async (shell) => {
  const end = Date.now() + 300_000;
  const update = () => shell`apt-get ${options} update`;
  let updated = await update();
  while (!updated.ok && /Could not get lock/.test(updated.stdall) && Date.now() < end) {
    await wait(1000);
    updated = await update();
  }
  return updated;
};

/** @param {string} log */
const aptFailed = (log) => {
  if (/dpkg was interrupted/.test(log)) {
    return new SetupError('an earlier installation was interrupted.', 'Run `dpkg --configure -a` first.', log);
  }
  if (/Could not get lock/.test(log)) {
    return new SetupError(
      'another apt-get has been running for five minutes.',
      'Run the same command again after it.',
      log,
    );
  }
  const shared = sharedCause('installing the Debian packages', log);
  if (shared) return shared;
  if (/Unable to locate package|has no installation candidate/.test(log)) {
    return new SetupError(
      'this system offers no such package.',
      'Check that /etc/apt/sources.list names the main archive of Debian or Ubuntu.',
      log,
    );
  }
  return new SetupError('apt-get could not install the packages.', 'Its output above says why.', log);
};

/** @param {import('./commands.mjs').Command[]} missing */
const notDebian = (missing) =>
  new SetupError(
    `this machine lacks ${described(missing)}, and has no apt-get to install it with.`,
    `Install what holds ${missing.map(({ command }) => command).join(', ')} with the system's own package manager (Debian calls the packages ${[...new Set(missing.map(({ debian }) => debian))].join(', ')}).`,
  );

/**
 * @param {import('./commands.mjs').Command[]} missing
 * @param {string[]} packages
 */
const notRoot = (missing, packages) => {
  const install = `apt-get update && apt-get install --yes --no-install-recommends ${packages.join(' ')}`;
  const asRoot = isOnPath('sudo') ? 'sudo sh -c' : 'su -c';
  return new SetupError(
    `this machine lacks ${described(missing)}. Installing takes root: run this, then the same command again.`,
    `\n  ${asRoot} '${install}'\n`,
  );
};

/** @param {import('./commands.mjs').Command[]} missing */
const described = (missing) => missing.map(({ command, use }) => `${command} (${use})`).join(', ');

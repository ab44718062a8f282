// Installs the npm packages of the lock file, Node 24 among them.
import { statfsSync } from 'node:fs';
import { basename } from 'node:path';
import { diskFull, SetupError, sharedCause } from './failure.mjs';
import { hasWantedNode, missingPackages, ownNode, rememberPackages, root, wantedNode } from './packages.mjs';
import { run, step } from './step.mjs';

/**
 * @param {(text: string) => void} say
 * @param {import('./exclusively.mjs').Lock} lock
 */
export const installNpmPackages = async (say, lock) => {
  if (missingPackages().length > 0) await step('installing the npm packages', say, () => npmCi(lock));
  if (!hasWantedNode()) throw noNode(`The packages bring one for x64 and arm64 only, and this is ${process.arch}.`);
  const node = await run(ownNode, ['--version']);
  if (!node.ok && Number.parseInt(process.versions.node, 10) < wantedNode) {
    throw noNode('The one in node_modules does not start.', node.log);
  }
  rememberPackages();
};

/** @param {import('./exclusively.mjs').Lock} lock */
const npmCi = async (lock) => {
  const [command, ...args] = npm();
  // The loglevel is given because `npm run -s` hands its silence down. No package needs its install script: koffi's
  // library comes ready in a package of its own.
  const all = ['--include=dev', '--include=optional', '--ignore-scripts'];
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const brisk = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
  const { ok, log } = await run(command, [...args, 'ci', ...all, ...quiet, ...brisk], { cwd: root, lock });
  if (!ok) throw sharedCause('installing the npm packages', log) ?? npmFailed(log);
  const missing = missingPackages();
  if (missing.length > 0) throw leftOut(missing, log);
};

// npm calls an installation complete when an optional package could not be fetched, and even when the disk ran full.
/**
 * @param {string[]} missing
 * @param {string} log
 */
const leftOut = (missing, log) => {
  const { bavail, bsize } = statfsSync(`${root}node_modules`);
  if (bavail * bsize < 10_000_000) return diskFull('installing the npm packages', log);
  const named =
    missing.length > 3 ? `${missing.slice(0, 3).join(', ')} and ${missing.length - 3} more` : missing.join(', ');
  return new SetupError(
    `npm left out ${named}.`,
    'A download probably failed: run the same command again. If that does not help, run `npm cache verify` first.',
    log,
  );
};

// The npm that started this, run by the Node that runs it: `npm ci` takes node_modules away, and the Node in it.
/** @returns {[string, ...string[]]} */
const npm = () => {
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  return script && node && basename(script) === 'npm-cli.js' ? [node, script] : ['npm'];
};

/** @param {string} log */
const npmFailed = (log) => {
  if (/ENOENT/.test(log) && !/npm error/.test(log)) {
    return new SetupError('npm is not on PATH.', 'Install Node with npm, then run the same command again.', log);
  }
  if (/EACCES|EPERM|EROFS/.test(log)) {
    return new SetupError(
      'npm may not write to this folder or to its cache.',
      `Give them to the user who runs finwait: sudo chown -R "$(id -un)" ${root} ~/.npm`,
      log,
    );
  }
  if (/EINTEGRITY/.test(log)) {
    return new SetupError(
      'a downloaded package is damaged.',
      'Run `npm cache verify`, then the same command again.',
      log,
    );
  }
  if (/in sync|EUSAGE/.test(log)) {
    return new SetupError(
      'package.json and package-lock.json do not agree.',
      'Run `npm install` and `node scripts/complete-lock.ts`, and commit the lock file.',
      log,
    );
  }
  return new SetupError('npm could not install the packages.', 'Its output above says why.', log);
};

/**
 * @param {string} because
 * @param {string} [log]
 */
const noNode = (because, log) =>
  new SetupError(
    `finwait needs Node ${wantedNode} and this is Node ${process.versions.node}. ${because}`,
    `Install Node ${wantedNode} or newer, then run the same command again.`,
    log,
  );

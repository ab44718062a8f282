// Makes this machine ready on first use: npm packages from the lock file, Debian packages for the programs finwait runs.
// npm's `pre` scripts start it. It is plain JavaScript without packages because it runs, by whatever Node the machine
// has (18 or newer), before anything is installed. When nothing is missing it reads two files, looks up a few names on
// PATH and ends. All its words go to stderr: stdout belongs to the command that follows.
// `--test` also asks for the programs that only the tests need.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { currentBundle } from '../src/bundle.mjs';
import { missingCommands } from './setup/commands.mjs';
import { ownNode, packagesAreCurrent } from './setup/packages.mjs';

const forTests = process.argv.includes('--test');

if (process.platform !== 'linux' || !packagesAreCurrent() || missingCommands(forTests).length > 0) {
  const { install } = await import('./setup/install.mjs');
  process.exitCode = await install(forTests);
}
// Without a bundle finwait runs from its sources, only slower to start: a failure here stops nobody.
if (!process.exitCode && !currentBundle())
  spawnSync(ownNode, [fileURLToPath(new URL('bundle.mjs', import.meta.url))], { stdio: 'ignore' });

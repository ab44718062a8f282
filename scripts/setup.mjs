// Makes this machine ready on first use: npm packages from the lock file, Debian packages for the programs finwait runs.
// npm's `pre` scripts start it. It is plain JavaScript without packages because it runs, by whatever Node the machine
// has (18 or newer), before anything is installed. When nothing is missing it reads two files, looks up a few names on
// PATH and ends. All its words go to stderr: stdout belongs to the command that follows.
// `--test` also asks for the programs that only the tests need, `--with java,go` for these languages.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { currentBundle } from '../src/bundle.mjs';
import { missingCommands } from './setup/commands.mjs';
import { ownNode, packagesAreCurrent } from './setup/packages.mjs';
import { wantedBy } from './setup/wanted.mjs';

const { wanted, fault } = wantedBy(process.argv.slice(2));
if (fault !== undefined) {
  process.stderr.write(`finwait: ${fault}\n`);
  process.exit(64);
}
if (process.platform !== 'linux' || !packagesAreCurrent() || missingCommands(wanted).length > 0) {
  const { install } = await import('./setup/install.mjs');
  process.exitCode = await install(wanted);
}
// Without a bundle finwait runs from its sources, only slower to start: a failure here stops nobody.
if (!process.exitCode && !currentBundle())
  spawnSync(ownNode, [fileURLToPath(new URL('bundle.mjs', import.meta.url))], { stdio: 'ignore' });

// Installs what is missing, one set-up at a time, and explains on stderr what it does and why it could not.
import { missingCommands } from './commands.mjs';
import { exclusively } from './exclusively.mjs';
import { SetupError } from './failure.mjs';
import { installNpmPackages } from './npm.mjs';

/** finwait's exit code for "this machine cannot run it". */
const cannotRun = 3;

/**
 * @param {readonly string[]} wanted
 * @returns {Promise<number>} the exit code
 */
export const install = async (wanted) => {
  try {
    if (process.platform !== 'linux') throw wrongSystem();
    await exclusively('finwait-setup', say, async (lock) => {
      await installNpmPackages(say, lock);
      const missing = missingCommands(wanted);
      if (missing.length === 0) return;
      // It is written with a package that may have come only now.
      const { installDebianPackages } = await import('./debian.mjs');
      await installDebianPackages(missing, say, lock);
    });
    return 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    if (error.log) process.stderr.write(`${error.log.trimEnd()}\n`);
    process.stderr.write(`\nfinwait: ${error.message}\n${error.remedy}\n`);
    return cannotRun;
  }
};

/** @param {string} text */
const say = (text) => process.stderr.write(text);

const wrongSystem = () =>
  new SetupError(
    `a lab needs Linux: its hosts are network namespaces with TAP devices, watched by tcpdump and ss. This is ${process.platform}.`,
    'Run finwait in a Linux virtual machine, as root or where unprivileged user namespaces are allowed.',
  );

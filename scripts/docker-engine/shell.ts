// How this script runs programs: what they print is kept, and whoever asks looks at the exit code.
import { $ } from 'zx/core';
import { Failure, say } from './failure.ts';

export const shell = $({ quiet: true, nothrow: true });

/** Install a Debian package. Throws Failure. */
export const install = async (name: string): Promise<void> => {
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=300'];
  // A list that could not be fetched matters only when the package then cannot be had.
  const { ok, stdall } = await shell`
    export DEBIAN_FRONTEND=noninteractive
    apt-get ${options} update || true
    apt-get ${options} install --yes --no-install-recommends ${name}`;
  if (!ok) throw new Failure(`The package ${name} could not be installed.`, 'The output of apt-get is above.', stdall);
  say(`${name}: installed`);
};

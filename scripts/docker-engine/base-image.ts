// The base image docker/Dockerfile names: pulled, or made of Debian packages where no registry gives it.
import { isOnPath } from '../setup/commands.mjs';
import { Failure, say } from './failure.ts';
import { install, shell } from './shell.ts';

const release = 'bookworm';
const base = `debian:${release}-slim`;

// As Debian makes its slim images: without documentation and translations. The certificates are those this machine
// trusts beyond the usual ones: where a proxy ends TLS, a build needs them as well.
const slim = [
  '--variant=minbase',
  '--dpkgopt=path-exclude=/usr/share/doc/*',
  '--dpkgopt=path-include=/usr/share/doc/*/copyright',
  '--dpkgopt=path-exclude=/usr/share/man/*',
  '--dpkgopt=path-exclude=/usr/share/locale/*',
  '--dpkgopt=path-exclude=/usr/share/info/*',
  '--customize-hook=mkdir -p "$1/usr/local/share/ca-certificates"',
  '--customize-hook=cp /usr/local/share/ca-certificates/*.crt "$1/usr/local/share/ca-certificates/" 2>/dev/null || true',
];

/** Throws Failure. */
export const bringBaseImage = async (): Promise<void> => {
  if ((await shell`docker image inspect ${base}`).ok) return say(`base image: ${base} is there, left as it is`);
  if ((await shell`timeout 60 docker pull -q ${base}`).ok) return say(`base image: ${base} pulled`);
  if (!isOnPath('mmdebstrap')) await install('mmdebstrap');
  const { ok, stderr } = await shell`
    mmdebstrap ${slim} ${release} - | docker import --message 'made by mmdebstrap' - ${base}`;
  if (!ok) throw new Failure(`The base image ${base} could not be made.`, 'The output of mmdebstrap is above.', stderr);
  say(`base image: no registry gives ${base}, so it was made of Debian packages`);
};

// Compose v2 and buildx came to Debian after its release 12: a plugin is one static program, taken out of the later package.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, say } from './failure.ts';
import { shell } from './shell.ts';

const plugins = join(process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'cli-plugins');
const source =
  'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main\n';

/** Throws Failure. */
export const bringPlugin = async (name: string, debian: string): Promise<void> => {
  const there = await versionOf(name);
  if (there) return say(`${name}: ${there}, left as it is`);
  const folder = mkdtempSync(join(tmpdir(), 'finwait-plugin-'));
  try {
    await download(debian, folder);
    mkdirSync(plugins, { recursive: true });
    const { ok, stderr } = await shell`
      dpkg-deb --fsys-tarfile ${folder}/${debian}_*.deb |
        tar -x -C ${plugins} --strip-components=5 ./usr/libexec/docker/cli-plugins/${debian}`;
    if (!ok) throw new Failure(`The package ${debian} could not be unpacked.`, 'Its output is above.', stderr);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  say(`${name}: ${await versionOf(name)}, put into ${plugins}`);
};

const versionOf = async (name: string): Promise<string | undefined> => {
  const { ok, stdout } = await shell`docker ${name} version`;
  return ok ? stdout.split('\n')[0] : undefined;
};

/** The list is for this one download: what the system installs and upgrades from stays as it is. */
const download = async (debian: string, folder: string) => {
  for (const name of ['lists/partial', 'archives/partial']) mkdirSync(join(folder, name), { recursive: true });
  const list = join(folder, 'sources.list');
  writeFileSync(list, source);
  const settings = [
    `Dir::Etc::SourceList=${list}`,
    'Dir::Etc::SourceParts=/dev/null',
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}`,
    'Acquire::Retries=3',
    'APT::Sandbox::User=root',
  ];
  const options = ['-q', ...settings.flatMap((setting) => ['-o', setting])];
  const { ok, stdall } = await shell({ cwd: folder })`
    apt-get ${options} update && apt-get ${options} download ${debian}`;
  if (!ok) throw new Failure(`The package ${debian} could not be fetched.`, 'Its output is above.', stdall);
};

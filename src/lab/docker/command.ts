// The docker command: which engine it speaks to (DOCKER_HOST, contexts) is its own business, and so it is ours.
import { type Child, type Outcome, run, start } from '../../process/child.ts';
import { LabError } from '../lab-error.ts';

/** Run `docker` to its end, which may take as long as a build. Throws LabError when there is no such program. */
export const docker = async (args: string[]): Promise<Outcome> => {
  const outcome = await run('docker', args, { timeout: 0, detached: true });
  if (outcome.isMissing) throw noProgram();
  return outcome;
};

/** As `docker`, and what it prints. Throws LabError, with the words of the engine, when it fails. */
export const dockerOutput = async (args: string[]): Promise<string> => {
  const { ok, stdout, stderr, words } = await docker(args);
  if (!ok) throw refused(stderr || words);
  return stdout;
};

/**
 * Start `docker` in a process group of its own: Ctrl-C in a terminal is for finwait alone, which removes the containers
 * itself.
 */
export const startDocker = (args: string[], environment: Record<string, string> = {}): Promise<Child> =>
  start('docker', args, { stdout: 'pipe', detached: true, env: { ...process.env, ...environment } });

/** Why the engine did not do what it was asked, with the remedy. */
export const refused = (words: string): LabError => {
  if (/permission denied/i.test(words) && /docker\.sock|daemon socket/i.test(words)) {
    return new LabError(
      'This user may not speak to the Docker engine.',
      'Run as root, or join the group: sudo usermod -aG docker $USER',
    );
  }
  if (
    /cannot connect to the docker daemon|error during connect|is the docker daemon running|context .* not found/i.test(
      words,
    )
  ) {
    const said =
      words
        .split('\n')
        .at(-1)
        ?.replace(/[.?]?$/, '.')
        .replace(/ Is the docker daemon running\.$/, '') ?? '';
    return new LabError(
      `The Docker engine does not answer: ${said}`,
      'Start it (`sudo systemctl start docker`), or name another with DOCKER_HOST or `docker context use`.',
    );
  }
  return new LabError(`The Docker engine refused: ${words}`, 'Run `finwait doctor` to see what it can do.');
};

const noProgram = () =>
  new LabError(
    'The program docker is not installed.',
    'Install Docker (on Debian: sudo apt-get install docker.io), or use --place namespaces.',
  );

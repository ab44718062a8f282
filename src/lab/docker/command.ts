// The docker command: which engine it speaks to (DOCKER_HOST, contexts) is its own business, and so it is ours.
import type { ChildProcess } from 'node:child_process';
import { spawnAtOnce } from '../../process/priority.ts';
import { LabError } from '../lab-error.ts';

export type Outcome = { code: number | null; stdout: string; stderr: string };

/**
 * Run `docker` to its end. `onWords` gets what it prints on its error output as it comes. Throws LabError when there is
 * no such program.
 */
export const docker = async (args: string[], { onWords }: { onWords?(text: string): void } = {}): Promise<Outcome> => {
  const child = startDocker(args);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (text) => {
    stdout += text;
  });
  child.stderr?.on('data', (text) => {
    stderr += text;
    onWords?.(String(text));
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  const code = await promise.catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? noProgram() : error;
  });
  return { code, stdout: stdout.trim(), stderr: stderr.trim() };
};

/** As `docker`, and what it prints. Throws LabError, with the words of the engine, when it fails. */
export const dockerOutput = async (args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await docker(args);
  if (code !== 0) throw refused(stderr);
  return stdout;
};

/**
 * Start `docker` in a process group of its own: Ctrl-C in a terminal is for finwait alone, which removes the containers
 * itself.
 */
export const startDocker = (args: string[], environment: Record<string, string> = {}): ChildProcess =>
  spawnAtOnce('docker', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...environment },
  });

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
  return new LabError(
    `The Docker engine refused: ${words || 'it said nothing.'}`,
    'Run `finwait doctor` to see what it can do.',
  );
};

const noProgram = () =>
  new LabError(
    'The program docker is not installed.',
    'Install Docker (on Debian: sudo apt-get install docker.io), or use --place namespaces.',
  );

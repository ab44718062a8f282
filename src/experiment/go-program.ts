// A Go program beside an experiment, built on the host it is to run on.
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectFolder } from './project-folder.ts';
import { RunError } from './run-error.ts';
import type { Host } from './vocabulary.ts';

/**
 * Build it with the `go` of the user's PATH; resolves to the path of the program, for `spawn`. It takes seconds the first
 * time, and what is built is kept in node_modules/.cache: nothing else of the machine is touched, and no network is needed.
 * Throws when it cannot be built. The experiment needs `go`.
 */
export const goProgram = async (host: Host, source: string): Promise<string> => {
  const folder = join(projectFolder, 'node_modules/.cache/finwait-go');
  // Another file may bear the same name.
  const own = join(folder, createHash('sha256').update(source).digest('hex').slice(0, 16));
  mkdirSync(own, { recursive: true });
  const program = join(own, basename(source, '.go'));
  // One core at most, and after all else: other labs have timers to keep.
  const build = await host.spawn('nice', ['-n', '19', 'go', 'build', '-p', '1', '-o', program, source], {
    name: `go build ${basename(source)}`,
    calls: 'unseen',
    env: {
      ...{ HOME: folder, GOTMPDIR: folder, GOCACHE: join(folder, 'cache'), GOPATH: join(folder, 'path') },
      ...{ GO111MODULE: 'off', GOFLAGS: '', GOENV: 'off', GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOMAXPROCS: '1' },
    },
  });
  const { code } = await build.exited({ timeoutMs: 300_000 });
  if (code !== 0) throw new RunError(`${source} could not be built: what go said of it is in the timeline.`, 'ESCRIPT');
  return program;
};

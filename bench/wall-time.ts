// What a person waits for: the command line alone, and `listen-before-accept` from start to exit, against the bare start of Node.
import { execa } from 'execa';
import { type Figure, figure, medianTime } from './measure.ts';

export const benchWallTime = async (results: string): Promise<Figure[]> => {
  const bare = await timeOf('-e', '0');
  const version = await timeOf('src/cli.mjs', '--version');
  const list = await timeOf('src/cli.mjs', 'list');
  const experiment = await timeOf('src/cli.mjs', 'run', 'listen-before-accept', '--quiet', '--results', results);
  return [
    figure('finwait --version', version, 'ms', 'node -e 0', bare, { atMost: 1.7 }),
    figure('finwait list', list, 'ms', 'node -e 0', bare, { atMost: 1.7 }),
    figure('listen-before-accept, start to exit', experiment, 'ms', 'node -e 0', bare),
  ];
};

/** Median milliseconds of Node with these arguments: no shell is in between, as zx would have it. */
const timeOf = (...args: string[]) => medianTime(7, () => execa(process.execPath, args));

// What a person waits for: the command line alone, and `listen-before-accept` from start to exit, against the bare start of Node.
import { execa } from 'execa';
import { type Figure, figure, medianTime } from './measure.ts';

export const benchWallTime = async (results: string): Promise<Figure[]> => {
  const bare = await timeOf('-e', '0');
  const version = await timeOf('src/cli.mjs', '--version');
  const list = await timeOf('src/cli.mjs', 'list');
  const experiment = await timeOf('src/cli.mjs', 'run', 'listen-before-accept', '--quiet', '--results', results);
  const floor = await medianTime(7, startAll);
  return [
    figure('finwait --version', version, 'ms', 'node -e 0', bare, { atMost: 1.7 }),
    figure('finwait list', list, 'ms', 'node -e 0', bare, { atMost: 1.7 }),
    figure('listen-before-accept, start to exit', experiment, 'ms', 'node -e 0', bare, { atMost: 12 }),
    figure('its nine processes of Node, bare, two at a time', floor, 'ms', 'node -e 0', bare),
  ];
};

/** The command line, an agent and a sidecar for each host, and the four processes it drives, each doing nothing. */
const processes = 9;

const startAll = async () => {
  let left = processes;
  const core = async () => {
    while (left-- > 0) await execa(process.execPath, ['-e', '0']);
  };
  await Promise.all([core(), core()]);
};

/** Median milliseconds of Node with these arguments: no shell is in between, as zx would have it. */
const timeOf = (...args: string[]) => medianTime(7, () => execa(process.execPath, args));

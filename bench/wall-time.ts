// What a person waits for: `listen-before-accept` from start to exit, against the bare start of its two processes.
import { execa } from 'execa';
import { figure, medianTime } from './measure.ts';

export const benchWallTime = async (results: string) => {
  const experiment = await medianTime(5, () =>
    execa(process.execPath, ['src/cli.mjs', 'run', 'listen-before-accept', '--quiet', '--results', results]),
  );
  const bare = await medianTime(5, async () => {
    await execa(process.execPath, ['-e', '0']);
    await execa(process.execPath, ['-e', '0']);
  });
  return figure('listen-before-accept, start to exit', experiment, 'ms', 'two times node -e 0', bare);
};

// Brings what `docker compose up` needs to a Debian machine that has none of it: an engine, Compose v2, buildx, and, where no
// registry gives it, a base image made of Debian packages. What is there already is left alone, and `stop` ends only what
// `start` has started.
//
//   sudo npm run docker-engine -- start    # says in a line for each what was there and what was brought
//   sudo npm run docker-engine -- stop
import { bringBaseImage } from './docker-engine/base-image.ts';
import { bringEngine, stopEngine } from './docker-engine/engine.ts';
import { Failure, say } from './docker-engine/failure.ts';
import { bringPlugin } from './docker-engine/plugin.ts';
import { exclusively } from './setup/exclusively.mjs';

const start = () =>
  exclusively(
    'finwait-docker-engine',
    (text) => process.stderr.write(text),
    async () => {
      await bringEngine();
      await bringPlugin('compose', 'docker-compose');
      await bringPlugin('buildx', 'docker-buildx');
      await bringBaseImage();
    },
  );

const main = async ([what = '']: string[]): Promise<number> => {
  const act = { start, stop: stopEngine }[what];
  if (!act) {
    say('usage: npm run docker-engine -- start|stop');
    return 64;
  }
  try {
    if (process.getuid?.() !== 0)
      throw new Failure('Installing and starting an engine takes root.', `sudo npm run docker-engine -- ${what}`);
    await act();
    return 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.log) process.stderr.write(`${error.log.trimEnd()}\n`);
    say(`${error.message} ${error.remedy}`);
    return 3;
  }
};

process.exitCode = await main(process.argv.slice(2));

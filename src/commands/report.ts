// finwait report: the page over all recorded runs, opened in a browser or served on this machine only.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CommandModule } from 'yargs';
import { writeIndex } from '../judge/write-index.ts';
import { start } from '../process/child.ts';
import { serveFolder } from './serve.ts';
import { tell } from './tell.ts';
import { UsageError } from './usage-error.ts';

type ReportArguments = { results: string; serve?: string; open: boolean };

export const reportCommand: CommandModule<object, ReportArguments> = {
  command: 'report',
  describe: 'Write results/index.html, the page over all recorded runs, and open it',
  builder: {
    results: {
      type: 'string',
      default: 'results',
      describe: 'The folder of run folders; the latest run of each experiment is shown',
    },
    serve: {
      type: 'string',
      describe: 'Serve the folder on 127.0.0.1 at this port (without a number: any free one) until Ctrl-C',
    },
    open: { type: 'boolean', default: true, describe: 'Open a browser; --no-open only says where the page is' },
  },
  handler: async ({ results, serve, open }) => {
    const folder = resolve(results);
    const count = await writeIndex(folder, tell);
    if (count === 0) throw new UsageError(`${results} holds no finished run. Run some first: \`finwait run all\`.`);
    const index = resolve(folder, 'index.html');
    if (serve === undefined) {
      process.stdout.write(`${index}\n`);
      if (open) await openBrowser(pathToFileURL(index).href);
      return;
    }
    const server = await serveFolder(folder, portOf(serve));
    process.stdout.write(`${server.url}\n`);
    if (open) await openBrowser(server.url);
    await new Promise<void>((done) => process.once('SIGINT', done).once('SIGTERM', done));
    await server.close();
  },
};

/** `--serve` alone takes any free port. */
const portOf = (words: string): number => {
  const port = Number(words);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--serve '${words}' is not a port: write a number from 1 to 65535, or none.`);
  return port;
};

/** Only where somebody sits before a screen; the path has been printed anyway. */
const openBrowser = async (address: string) => {
  if (!process.stdout.isTTY || (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)) return;
  const browser = await start('xdg-open', [address], { stderr: 'ignore', detached: true });
  browser.unref();
};

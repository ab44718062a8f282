// Serves the files of one folder to this machine only: 127.0.0.1, reading, nothing outside the folder.
import { createReadStream, realpathSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import { RunError } from '../experiment/run-error.ts';

/** Resolves once it listens. `port` 0 takes any free one. Throws RunError when the port is taken. */
export const serveFolder = async (folder: string, port: number): Promise<{ url: string; close(): Promise<void> }> => {
  const root = realpathSync(folder);
  const server = createServer(({ method, url, headers }, response) => {
    const own = (server.address() as AddressInfo).port;
    const file = fileAt(root, url ?? '/');
    // Another name for this address would let a page elsewhere read the reports (DNS rebinding).
    const isOurs = headers.host === `127.0.0.1:${own}` || headers.host === `localhost:${own}`;
    if (!isOurs || !file || (method !== 'GET' && method !== 'HEAD')) {
      response
        .writeHead(isOurs && file ? 405 : isOurs ? 404 : 421, { 'content-type': 'text/plain' })
        .end('There is nothing here.\n');
      return;
    }
    const isPage = extname(file) === '.html';
    response.writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      // A page brings a policy of its own; what else a run has left is to be read, and nothing of it to be run.
      'content-security-policy': isPage
        ? "frame-ancestors 'none'"
        : "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'cache-control': 'no-store',
    });
    if (method === 'HEAD') response.end();
    else
      createReadStream(file)
        .on('error', () => response.destroy())
        .pipe(response);
  });
  await new Promise<void>((done, fail) => {
    server.once('error', (error) =>
      fail(
        new RunError(
          `Port ${port} of 127.0.0.1 cannot be used: ${error.message}. Name another with --serve PORT.`,
          'EPORT',
        ),
      ),
    );
    server.listen(port, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
  '.ndjson': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The file of an address within the folder, links followed; undefined where there is none. */
const fileAt = (root: string, url: string): string | undefined => {
  try {
    const path = decodeURIComponent(new URL(url, 'http://here').pathname);
    const real = realpathSync(join(root, path.endsWith('/') ? `${path}index.html` : path));
    return real.startsWith(root + sep) && statSync(real).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
};

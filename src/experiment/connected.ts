// A connection between two Node processes, as many experiments begin.
import type { Host, ListenOptions, NodeProcess, NodeSocket } from './vocabulary.ts';

/** A connection, and the programs that hold its ends. */
export type Connected = {
  /** The process that listens, and the socket it has accepted. */
  app: NodeProcess;
  accepted: NodeSocket;
  /** The process that has connected, and its socket. */
  browser: NodeProcess;
  socket: NodeSocket;
};

/**
 * A Node process on one host listens on the port, one on the other connects to it, and the first accepts. Both are new,
 * so each connection has a port and programs of its own. Neither end closes because the other has: the script says when
 * (`allowHalfOpen`, unless the options of listen() say otherwise).
 */
export const connected = async (
  client: Host,
  server: Host,
  port: number,
  options: ListenOptions = {},
): Promise<Connected> => {
  const app = await server.node();
  await app.listen(port, { allowHalfOpen: true, ...options });
  const browser = await client.node();
  const socket = await browser.connect(server, port, { allowHalfOpen: true });
  return { app, accepted: await app.accepted(), browser, socket };
};

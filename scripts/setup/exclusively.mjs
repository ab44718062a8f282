// Lets one process at a time through, and needs no cleaning up: the lock is a Unix socket without a file
// (unix(7), "abstract"), which the kernel takes away together with the last process that holds it.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Run `task` while no other process of this machine runs one of the same name. The programs it starts are to be given
 * the lock as an inherited descriptor: an npm that outlives a killed set-up then still keeps the next one waiting.
 * @template T
 * @param {string} name
 * @param {(text: string) => void} say
 * @param {(lock: Lock) => Promise<T>} task
 * @returns {Promise<T>}
 */
export const exclusively = async (name, say, task) => {
  const address = `\0${name}`;
  let lock = await hold(address);
  if (!lock) say('finwait: waiting for another set-up to finish\n');
  while (!lock) {
    await released(address);
    lock = await hold(address);
  }
  try {
    return await task(lock.descriptor);
  } finally {
    lock.release();
  }
};

/** @typedef {number | undefined} Lock the descriptor of the socket */

/**
 * @param {string} address
 * @returns {Promise<{ descriptor: Lock, release: () => void } | undefined>} nothing when another process holds it
 */
const hold = async (address) => {
  /** @type {Set<import('node:net').Socket>} */
  const waiting = new Set();
  const server = createServer((socket) => waiting.add(socket.on('error', () => socket.destroy())));
  try {
    await once(server.listen(address), 'listening');
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EADDRINUSE') return undefined;
    throw error;
  }
  const release = () => {
    server.close();
    for (const socket of waiting) socket.destroy();
  };
  // Node has no public name for the descriptor of a listening socket. Without it the lock is this process's alone.
  const descriptor = /** @type {any} */ (server)._handle?.fd;
  return { descriptor, release };
};

// Whoever waits keeps a connection to the holder; it breaks when the holder lets go or dies.
/** @param {string} address */
const released = async (address) => {
  const socket = connect(address);
  socket.on('error', () => socket.destroy()).resume();
  await new Promise((resolve) => socket.once('close', resolve));
};

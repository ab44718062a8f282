// Dial a collector that may not be there yet: its socket appears in a folder both see.
import { watch } from 'node:fs';
import { join } from 'node:path';
import { type Channel, dial, type Handler, type Header } from '../../control/channel.ts';

/** The socket on which a collector in a container waits for those it will run experiments with. */
export const collectorSocket = (folder: string): string => join(folder, 'collector.sock');

/** Resolves when the collector has been reached. A socket that a collector before it left behind refuses, and counts as none. */
export const awaitCollector = async (folder: string, hello: Header, handler: Handler): Promise<Channel> => {
  let news = Promise.withResolvers<void>();
  const watcher = watch(folder, () => news.resolve());
  try {
    for (;;) {
      const channel = await dial(collectorSocket(folder), hello, handler).catch(absent);
      if (channel) return channel;
      await news.promise;
      news = Promise.withResolvers<void>();
    }
  } finally {
    watcher.close();
  }
};

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT' && error.code !== 'ECONNREFUSED') throw error;
};

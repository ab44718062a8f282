// The calls every raw process begins with.
import type { Host, RawProcess } from './vocabulary.ts';

/** socket(), bind(), listen(). Resolves to the descriptor of the listener. */
export const listenOn = async (app: RawProcess, port: number, backlog = 5): Promise<number> => {
  const listener = (await app.socket()).value;
  await app.bind(listener, port);
  await app.listen(listener, backlog);
  return listener;
};

/** socket(), connect(). Resolves to the descriptor, whatever came of it. */
export const connectTo = async (app: RawProcess, host: Host, port: number): Promise<number> => {
  const socket = (await app.socket()).value;
  await app.connect(socket, host, port);
  return socket;
};

// The call that closed a socket.
import type { CallIndex, Found } from './calls.ts';
import type { Holders, SocketEnd } from './holders.ts';

/** The latest by a moment (ns since the start of the run); none where another descriptor of the socket was still open. */
export const latestClosing = (
  socket: SocketEnd & { connection: number },
  at: number,
  { calls, holders }: { calls: CallIndex; holders: Holders },
): Found | undefined => {
  const latest = calls.latest('close', socket.host, socket.connection, at);
  return latest && holders.isKeptFrom(socket, latest.made.event) ? undefined : latest;
};

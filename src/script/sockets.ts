// The sockets of a host in the hands of a script: what ss shows of them, and waiting for one to come or go.
import { callSite } from '../experiment/call-site.ts';
import { RunError } from '../experiment/run-error.ts';
import type { Host, SocketFilter, WaitOptions } from '../experiment/vocabulary.ts';
import type { HostName } from '../record/hosts.ts';
import type { SocketRow } from '../record/samples.ts';
import type { TcpState } from '../record/tcp-state.ts';
import type { Session } from '../session/session.ts';
import { timeoutError } from '../session/waits.ts';
import { parseRow, parseSocketTable } from '../timeline/reading/ss.ts';

/** Longer than TIME-WAIT. */
const longMilliseconds = 90_000;

export const socketsOf = (session: Session, host: HostName): Pick<Host, 'sockets' | 'until' | 'untilGone'> => {
  const rowsThatFit = async (filter: SocketFilter): Promise<SocketRow[]> => {
    if (session.isUndisturbed())
      throw new RunError(
        'Nobody looks at sockets in a stage that is undisturbed: wait for an event, a segment (wire.next) or a socket to be gone (untilGone).',
        'ESCRIPT',
      );
    const { text } = await session.orAbort(session.sample(host, 'watch'));
    return parseSocketTable(text).rows.filter((row) => fits(row, filter));
  };

  /** Sample until `done`, waking for each segment and, near a timer's end, every 10 ms. */
  const watch = async <T>(
    description: string,
    filter: SocketFilter & WaitOptions,
    done: (rows: SocketRow[]) => T | undefined,
  ): Promise<T> => {
    const source = callSite();
    const milliseconds = filter.timeoutMs ?? longMilliseconds;
    const deadline = session.time() + milliseconds;
    const tellEnd = session.tellWait(description, milliseconds);
    try {
      for (;;) {
        const rows = await rowsThatFit(filter);
        const found = done(rows);
        if (found !== undefined) return found;
        if (session.time() > deadline) throw timeoutError(description, milliseconds, source);
        await session.wait(nextLook(session, rows));
      }
    } finally {
      tellEnd();
    }
  };

  const gone = async (filter: SocketFilter & WaitOptions) =>
    void (await watch(`the socket to be gone from the ${host}`, filter, (rows) => rows.length === 0 || undefined));

  return {
    sockets: (filter = {}) => rowsThatFit(filter),
    until: (state: TcpState, filter = {}) =>
      watch(`a socket in ${state} on the ${host}`, { ...filter, state }, (rows) => rows[0]),
    untilGone: (filter) => (session.isUndisturbed() ? untilDestroyed(session, host, filter) : gone(filter)),
  };
};

/** Without looking: `ss -E` tells of a full socket's end. */
const untilDestroyed = (session: Session, host: HostName, filter: SocketFilter & WaitOptions): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const attempt = () => {
    const rows = session
      .socketEnds(host)
      .split('\n')
      .flatMap((line) => parseRow(line) ?? []);
    if (rows.some((row) => fits(row, { ...filter, state: undefined }))) resolve();
  };
  const stop = session.onSocketEnd(attempt);
  attempt();
  return session
    .waitFor(
      `ss -E to tell of the end of a socket on the ${host} that no process holds any more`,
      promise,
      filter.timeoutMs ?? longMilliseconds,
    )
    .finally(stop);
};

const fits = (row: SocketRow, { localPort, peerPort, state }: SocketFilter) =>
  (localPort === undefined || row.local.port === localPort) &&
  (peerPort === undefined || row.peer.port === peerPort) &&
  (state === undefined || row.state === state);

/** A while that ends early when a segment moves. Far from the end of an armed timer it is long. */
const nextLook = (session: Session, rows: SocketRow[]): Promise<void> => {
  const ends = rows.flatMap(({ timer }) => (timer ? [timer.expiresMs] : []));
  const untilTimer = ends.length > 0 ? Math.min(...ends) : 100;
  const milliseconds = Math.max(10, Math.min(1000, untilTimer - (untilTimer > 10_000 ? 1000 : 20)));
  return new Promise((resolve) => {
    const stop = session.wire.watch(() => wake());
    const timer = setTimeout(() => wake(), milliseconds);
    const wake = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
  });
};

// What a script waits for. Every wait ends: with what was waited for, after its timeout, or as soon as the run is over,
// aborted, or its lab lost.
import { callSite } from '../experiment/call-site.ts';
import { RunError } from '../experiment/run-error.ts';
import { type Lab, patienceForWordsMilliseconds } from '../lab/lab.ts';
import type { Source } from '../record/source.ts';
import type { Recorder } from '../recording/recorder.ts';
import type { Wire } from '../wire/wire.ts';
import type { Progress, Stepper } from './progress.ts';
import type { Sockets } from './sockets.ts';
import { startTimeout } from './timeout.ts';

/** No segment for longer than a delayed ACK (TCP_DELACK_MIN, 40 ms). */
export const quietMilliseconds = 50;
const defaultTimeoutMilliseconds = 30_000;
const idleAfterMilliseconds = 300;

export type Waits = {
  /** The same promise, that rejects as soon as the run is aborted or over, its lab lost, or its evidence cannot be written. */
  orAbort<T>(promise: Promise<T>): Promise<T>;
  /** A wait of the script without a timeout of its own. After a while without news the lab counts as idle. */
  wait<T>(promise: Promise<T>): Promise<T>;
  /** Tell of a wait that somebody else times; the returned function tells of its end. */
  tellWait(description: string, milliseconds: number): () => void;
  /** Wait for a promise; then for the looks it has caused. Throws RunError after the timeout. */
  waitFor<T>(description: string, promise: Promise<T>, timeoutMs?: number): Promise<T>;
  /**
   * Wait for what `attempt` sees when a record arrives; it gives undefined where it sees nothing. Throws RunError after
   * the timeout, or what `inVain` rejects with once it cannot come any more. `isAtWork`: somebody computes meanwhile, and
   * the lab does not count as idle.
   */
  waitUntil<T>(
    description: string,
    attempt: () => T | undefined,
    timeoutMs?: number,
    inVain?: Promise<never>,
    isAtWork?: boolean,
  ): Promise<T>;
  /** Milliseconds, less those in which somebody who steps through the run was thinking. */
  time(): number;
  /** The run is over: what is still waited for is given up. */
  close(): void;
};

type Context = {
  lab: Lab;
  wire: Pick<Wire, 'handedOver'>;
  recorder: Recorder;
  progress: Progress;
  signal: AbortSignal;
  stepper: Stepper | undefined;
  looks: Pick<Sockets, 'looksTaken'>;
};

export const createWaits = ({ lab, wire, recorder, progress, signal, stepper, looks }: Context): Waits => {
  const waited = () => stepper?.waited() ?? 0;
  const over = rejection();
  const lost = rejection();
  void lab.lost.then((sentence) => lost.reject(new RunError(sentence, 'ELOST')));

  const orAbort = <T>(promise: Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    return Promise.race([promise.catch(unlessLost), aborted, lost.promise, recorder.failed, over.promise]).finally(() =>
      signal.removeEventListener('abort', onAbort),
    );
  };

  /** What fails because a part of the lab has gone is not the news: that it has gone is, and will be told. */
  const unlessLost = async (error: unknown): Promise<never> => {
    const parts = [...Object.values(lab.sidecar), ...Object.values(lab.agent)];
    if (parts.some((part) => part.isClosed()))
      await Promise.race([lost.promise, pause(patienceForWordsMilliseconds + 500)]);
    throw error;
  };

  const wait = async <T>(promise: Promise<T>): Promise<T> => {
    let isIdle = false;
    const timer = setTimeout(() => {
      isIdle = true;
      progress.idle?.(true);
    }, idleAfterMilliseconds);
    try {
      return await orAbort(promise);
    } finally {
      clearTimeout(timer);
      if (isIdle) progress.idle?.(false);
    }
  };

  /** What the script has waited for may have changed a socket: it goes on when that has been looked at. */
  const afterLooks = async <T>(value: T): Promise<T> => {
    await orAbort(Promise.all([looks.looksTaken(), wire.handedOver()]));
    return value;
  };

  /** What is waited for, with the moment each wait ends at the latest (ms). */
  const open = new Set<{ description: string; until: number }>();
  /** Tell of a wait; the returned function tells of its end. */
  const tell = (description: string, milliseconds: number) => {
    const own = { description, until: Date.now() + milliseconds };
    open.add(own);
    progress.waiting?.(description, milliseconds);
    return () => {
      open.delete(own);
      const other = [...open].at(-1);
      if (other) progress.waiting?.(other.description, Math.max(0, other.until - Date.now()));
      else progress.goesOn?.();
    };
  };

  const waitFor = <T>(
    description: string,
    promise: Promise<T>,
    timeoutMs = defaultTimeoutMilliseconds,
    source = callSite(),
    isAtWork = false,
  ): Promise<T> => {
    const late = Promise.withResolvers<never>();
    const stopTimeout = startTimeout(
      timeoutMs,
      () => late.reject(timeoutError(description, timeoutMs, source)),
      waited,
    );
    const tellEnd = tell(description, timeoutMs);
    const awaited = Promise.race([promise, late.promise]);
    return (isAtWork ? orAbort(awaited) : wait(awaited))
      .finally(() => {
        stopTimeout();
        tellEnd();
      })
      .then(afterLooks);
  };

  return {
    orAbort,
    wait,
    tellWait: tell,
    waitFor,
    waitUntil: <T>(
      description: string,
      attempt: () => T | undefined,
      timeoutMs?: number,
      inVain?: Promise<never>,
      isAtWork?: boolean,
    ): Promise<T> => {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const look = () => {
        try {
          const found = attempt();
          if (found === undefined) return;
          stop(); // an attempt that has found something may have taken it
          resolve(found);
        } catch (error) {
          reject(error); // a fault of the script, and of nobody whose record it looks at
        }
      };
      const stop = recorder.listen(look);
      look();
      const come = inVain ? Promise.race([promise, inVain]) : promise;
      return waitFor(description, come, timeoutMs, callSite(), isAtWork).finally(stop);
    },
    time: () => Date.now() - waited(),
    close: () => over.reject(new RunError('The run is over.', 'EOVER')),
  };
};

export const timeoutError = (description: string, milliseconds: number, source?: Source) =>
  new RunError(`Waited ${milliseconds / 1000} s for ${description}, and it did not come.`, 'ETIMEOUT', source);

/** A promise that may be rejected although nobody waits for it. */
const rejection = () => {
  const made = Promise.withResolvers<never>();
  made.promise.catch(() => {});
  return made;
};

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

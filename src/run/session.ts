// A running experiment: the lab, the wire and the recorder joined, and the notion of a step. The words of the script are built on it.
import type { Channel, Header } from '../control/channel.ts';
import { parsedValue, replies } from '../control/replies.ts';
import { callSite } from '../experiment/call-site.ts';
import type { Hello } from '../lab/admission.ts';
import { explainFailure } from '../lab/explain-failure.ts';
import { type Lab, nameOf, type Place, type ProcessHello, patienceForWordsMilliseconds, startLab } from '../lab/lab.ts';
import type { ApiRecord } from '../record/api-records.ts';
import { now } from '../record/clock.ts';
import type { HostName } from '../record/hosts.ts';
import { partRecord } from '../record/part-records.ts';
import type { Source } from '../record/source.ts';
import type { WireRecord } from '../record/wire-records.ts';
import type { WireSegment } from '../wire/segment.ts';
import { createWire, type Gate, type Link, type Wire } from '../wire/wire.ts';
import type { RawSample } from '../witness/ss.ts';
import { recordInherited } from './inherited.ts';
import { createLooks, reasonToLook } from './looks.ts';
import type { Recorder } from './recorder.ts';
import { RunError } from './run-error.ts';
import type { Plan } from './schema.ts';
import { stopWitnesses } from './stop-witnesses.ts';
import { startTimeout } from './timeout.ts';

/** No segment for longer than a delayed ACK (TCP_DELACK_MIN, 40 ms). */
export const quietMilliseconds = 50;
const defaultTimeoutMilliseconds = 30_000;
const idleAfterMilliseconds = 300;

export type Arrival = { hello: ProcessHello; channel: Channel };

export type Progress = {
  step?(step: number, what: string, source: Source | undefined): void;
  /** ss has looked at a host. */
  sample?(host: HostName, sample: RawSample): void;
  segment?(segment: WireSegment, fate: string): void;
  waiting?(what: string, milliseconds: number): void;
  /** The lab has done nothing but wait for a while (true), or goes on (false): others may use the cores. */
  idle?(isIdle: boolean): void;
};

/** Somebody who lets the run go on step by step. */
export type Stepper = Gate & {
  /** The run has begun. `sample` has ss look at both hosts. */
  begin(run: { folder: string; plan: Plan; sample(reason: string): Promise<unknown> }): void;
  /** Resolves when the call may be made. */
  call(what: string, source: Source | undefined): Promise<void>;
  /** Milliseconds the run has waited for somebody to decide: no timeout counts them. */
  waited(): number;
};

type StepAction<T> = (step: number, source: Source | undefined) => Promise<T>;

export type Session = Awaited<ReturnType<typeof openSession>>;

/** Start a lab and its witnesses. Throws LabError when this machine cannot. */
export const openSession = async (options: {
  place: Place;
  recorder: Recorder;
  freeRun: boolean;
  progress?: Progress;
  signal: AbortSignal;
  /** Aborted when somebody wants the end before the lab stands. */
  untilBegun?: AbortSignal;
  stepper?: Stepper;
}) => {
  const { place, recorder, progress = {}, signal, stepper } = options;
  const waited = () => stepper?.waited() ?? 0;
  const processes = new Map<string, Channel>();
  const wireListeners = new Set<(line: WireRecord) => void>();
  const endListeners = new Set<() => void>();
  const ends = { client: '', server: '' };
  const arrivals = new Map<string, PromiseWithResolvers<Arrival>>();
  const frozen = new Set<string>();
  const lossOfLab = Promise.withResolvers<never>();
  lossOfLab.promise.catch(() => {});
  const unfinished = new Set<Promise<unknown>>();
  const over = Promise.withResolvers<never>();
  over.promise.catch(() => {});
  let step = 0;
  let undisturbed = false;
  let lab: Lab;
  let wire: Wire;

  const receive = (hello: Hello, header: Header, bytes: Buffer) => {
    const { role, host } = hello;
    if (role === 'sidecar' && header.frame) return wire.read(host, Buffer.from(bytes), timeOf(header));
    if (role === 'sidecar' && header.pcap) return recorder.pcap(host, bytes);
    if (role === 'sidecar' && header.destroyed) {
      recorder.destroyed(host, bytes);
      ends[host] += bytes.toString();
      for (const listener of [...endListeners]) listener();
      return;
    }
    if (role !== 'sidecar' && header.record) return recorder.api(recordFrom(hello, header.record));
    throw new Error(
      `a message of a kind it does not send: ${Object.keys(header).slice(0, 5).join(', ').slice(0, 100)}`,
    );
  };
  const broken = (hello: Hello, reason: string) => {
    const words = `${nameOf(hello)} was cut off for what it sent: ${reason}`;
    recorder.api({ type: 'gap', t: now(), witness: 'api', host: hello.host, reason: words });
  };
  const arrivalOf = (name: string) => {
    const known = arrivals.get(name) ?? Promise.withResolvers<Arrival>();
    arrivals.set(name, known);
    return known;
  };
  const arrived = (hello: ProcessHello, channel: Channel) => {
    const { name } = hello;
    processes.set(name, channel);
    void channel.closed.then(() => processes.delete(name));
    arrivalOf(name).resolve({ hello, channel });
  };

  const looks = createLooks((reason) => wire.sampleBoth(reason));
  /** A look that fails ends nothing here: a lab that is lost is told elsewhere. */
  const lookIfPossible = (reason: string) => looks.look(reason).catch(() => {});
  const stopLooking = recorder.listen((record) => {
    const reason = reasonToLook(record);
    if (reason !== undefined) void lookIfPossible(reason);
  });

  const link = (host: HostName): Link => ({
    deliver: async (frame) =>
      parsedValue(replies.deliver, lab.sidecar[host].request({ do: 'deliver' }, Buffer.from(frame))),
    setState: async (state) => void (await lab.sidecar[host].request({ do: 'link', state })),
    sample: async (reason) => {
      if (!undisturbed) await sample(host, reason);
    },
    barrier: async () => void (await lab.sidecar[host].request({ do: 'barrier' })),
  });
  const sample = async (host: HostName, reason: string): Promise<RawSample> => {
    const taken = await parsedValue(replies.sample, lab.sidecar[host].request({ do: 'sample' }));
    recorder.sample(host, reason, taken);
    progress.sample?.(host, taken);
    return taken;
  };
  /** A program that is not there is no gap in the evidence: without ss there is no run. */
  const firstSample = async (host: HostName) => {
    const { exit } = await sample(host, 'start');
    if (exit === commandNotFound) throw explainFailure('ss could not be run', 'spawn ss ENOENT');
    if (exit !== 0) throw explainFailure(`ss could not be run on the ${host}`, `it ended with exit code ${exit}`);
  };
  /** Every process that runs has handled what reached it before it answers. Those that are frozen or gone cannot. */
  const settle = async () => {
    const awake = [...processes].filter(([name]) => !frozen.has(name));
    await Promise.all(awake.map(([, channel]) => channel.request({ do: 'ping' }).catch(unlessLate)));
  };

  wire = createWire({
    links: { client: link('client'), server: link('server') },
    record: (line) => {
      recorder.wire(line);
      for (const listener of [...wireListeners]) listener(line);
    },
    settle,
    onSegment: (segment, fate) => progress.segment?.(segment, fate),
    gate: stepper,
  });
  lab = await startLab(place, { receive, arrived, broken }, options.untilBegun);
  void lab.lost.then((sentence) => lossOfLab.reject(new RunError(sentence, 'ELOST')));
  const bothSidecars = (request: Header) =>
    Promise.all([lab.sidecar.client.request(request), lab.sidecar.server.request(request)]);
  try {
    const capturing = bothSidecars({ do: 'startCapture' }).catch((error: Error) => {
      throw explainFailure('The capture could not be started', error.message);
    });
    await Promise.all([capturing, recordInherited(lab, recorder)]);
    if (options.freeRun) await wire.setLockstep({}, false);
    await recordOwnSysctls(place, lab, recorder);
    await Promise.all([firstSample('client'), firstSample('server')]);
  } catch (error) {
    await lab.remove();
    throw error;
  }

  /** Reject as soon as the run is aborted or the lab is lost. */
  const orAbort = <T>(promise: Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    return Promise.race([
      promise.catch(behindChannel),
      aborted,
      lossOfLab.promise,
      recorder.failed,
      over.promise,
    ]).finally(() => signal.removeEventListener('abort', onAbort));
  };

  /** What fails because a part of the lab has gone is not the news: that it has gone is, and will be told. */
  const behindChannel = async (error: unknown): Promise<never> => {
    const parts = [lab.sidecar.client, lab.sidecar.server, lab.agent.client, lab.agent.server];
    if (parts.some((part) => part.isClosed()))
      await Promise.race([lossOfLab.promise, pause(patienceForWordsMilliseconds + 500)]);
    throw error;
  };

  /** A wait of the script. After a while without news the lab counts as idle. */
  const idly = async <T>(promise: Promise<T>): Promise<T> => {
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
    await orAbort(Promise.all([looks.taken(), wire.handedOver()]));
    return value;
  };

  const beginStep = (what: string, source: Source | undefined): number => {
    const number = ++step;
    progress.step?.(number, what, source);
    recorder.api({ type: 'step', t: now(), step: number, what, source });
    return number;
  };
  const takeStep = async <T>(
    what: string,
    action: StepAction<T>,
    source: Source | undefined,
    local: boolean,
  ): Promise<T> => {
    if (stepper) await orAbort(stepper.call(what, source));
    const number = beginStep(what, source);
    if (!local) wire.touch();
    const result = await orAbort(action(number, source)).catch((error: Error) => {
      throw Object.assign(error, { source }); // what a process refused bears no line of the script
    });
    if (!local) await orAbort(wire.quiet(quietMilliseconds));
    await orAbort(looks.look(`step ${number}`)); // steps that are taken at once are looked at together
    return result;
  };

  const names = new Map<string, number>();

  return {
    lab,
    wire,
    idly,
    /** A name no other process of the lab has: `nc`, then `nc-2`. */
    nameFor: (wanted: string) => {
      const count = (names.get(wanted) ?? 0) + 1;
      names.set(wanted, count);
      return count === 1 ? wanted : `${wanted}-${count}`;
    },
    recorder,
    frozen,
    /** Whether it is a process driven call by call, and not any program. */
    isDriven: (name: string) => arrivals.has(name),
    orAbort,
    /** Milliseconds, less those in which somebody who steps through the run was thinking. */
    time: () => Date.now() - waited(),
    sample,
    /** Nobody looks at the hosts until it is switched off again: ss runs for nobody, whatever asks for it. */
    setUndisturbed: (on: boolean) => {
      undisturbed = on;
      Object.assign(ends, { client: '', server: '' });
    },
    isUndisturbed: () => undisturbed,
    /** What `ss -E` has told of a host's destroyed sockets since nobody looks. */
    socketEnds: (host: HostName) => ends[host],
    /** Call back whenever it tells of one, until the returned function is called. */
    onSocketEnd: (listener: () => void) => {
      endListeners.add(listener);
      return () => void endListeners.delete(listener);
    },
    /** Have ss look at both hosts soon. */
    look: (reason: string) => void lookIfPossible(reason),
    /** Have ss look at both hosts, and resolve to the value when that is recorded. */
    lookAfter: async <T>(reason: string, value: T): Promise<T> => {
      await orAbort(lookIfPossible(reason));
      return value;
    },
    /** Begin a step that has consequences of its own time: whoever begins it waits and samples as it needs. */
    beginStep,
    /** Call back with each record of the wire until the returned function is called. */
    onWire: (listener: (line: WireRecord) => void) => {
      wireListeners.add(listener);
      return () => void wireListeners.delete(listener);
    },
    /** The wire operations' context: the step under way and the line of the script. */
    context: (): { step: number; source?: Source } => ({ step, source: callSite() }),
    /**
     * Take a step: `action` makes the call; then the wire falls quiet, unless the call is `local` (it cannot send anything),
     * and both hosts are sampled.
     */
    step: <T>(what: string, action: StepAction<T>, local = false): Promise<T> => {
      const taken = takeStep(what, action, callSite(), local);
      unfinished.add(taken);
      const finish = () => void unfinished.delete(taken);
      taken.then(finish, finish);
      return taken;
    },
    /** The steps the script has begun and did not wait for are done. */
    finishSteps: async () => void (await Promise.all(unfinished)),
    /** Wait for a record that fits, or for anything `attempt` can see when a record arrives. Throws RunError after the timeout. */
    waitFor: <T>(what: string, attempt: () => T | undefined, timeoutMs = defaultTimeoutMilliseconds): Promise<T> => {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const source = callSite();
      const stopTimeout = startTimeout(timeoutMs, () => reject(timeoutError(what, timeoutMs, source)), waited);
      const look = () => {
        try {
          const found = attempt();
          if (found === undefined) return;
          stop();
          resolve(found);
        } catch (error) {
          reject(error); // a fault of the script, and of nobody whose record it looks at
        }
      };
      const stop = recorder.listen(look);
      progress.waiting?.(what, timeoutMs);
      look();
      return idly(promise)
        .finally(() => {
          stopTimeout();
          stop();
        })
        .then(afterLooks);
    },
    /** Wait for a promise. Throws RunError after the timeout. */
    inTime: <T>(what: string, promise: Promise<T>, timeoutMs = defaultTimeoutMilliseconds): Promise<T> => {
      const late = Promise.withResolvers<never>();
      const source = callSite();
      const stopTimeout = startTimeout(timeoutMs, () => late.reject(timeoutError(what, timeoutMs, source)), waited);
      progress.waiting?.(what, timeoutMs);
      return idly(Promise.race([promise, late.promise]))
        .finally(stopTimeout)
        .then(afterLooks);
    },
    /** Resolves when nothing moves on the wire any more: what a part of the script has begun belongs to it. */
    settle: () => orAbort(wire.quiet(quietMilliseconds, { answered: true })),
    arrival: (name: string) => orAbort(arrivalOf(name).promise),
    /** Stop the witnesses; what they have said is recorded. The last look is at what the run leaves behind. Ends within seconds. */
    stopWitnesses: (how: { hasFailed: boolean }) => {
      stopLooking();
      return stopWitnesses({ lab, recorder, lastLook: () => lookIfPossible('end of the run'), signal, ...how });
    },
    /** Remove the lab. What the script still waits for, though its run has ended, is given up. */
    close: () => {
      over.reject(new RunError('The run is over.', 'EOVER'));
      return lab.remove();
    },
  };
};

export const timeoutError = (what: string, milliseconds: number, source?: Source) =>
  new RunError(`Waited ${milliseconds / 1000} s for ${what}, and it did not come.`, 'ETIMEOUT', source);

/** A record as the part may send it: of a kind that parts write, and of its own host. */
const recordFrom = ({ host }: Hello, words: unknown): ApiRecord => {
  const { data, error } = partRecord.safeParse(words);
  if (!data) {
    const [first] = error.issues;
    throw new Error(`a record that is none (${first?.path.join('.') || 'the whole'}: ${first?.message})`);
  }
  if ('host' in data && data.host !== host) throw new Error(`a record of the ${data.host}`);
  return data;
};

/** What a process that is gone has not handled is told elsewhere; one that does not answer has not handled what reached it. */
const unlessLate = (error: Error & { code?: string }) => {
  if (error.code === 'ELATE') throw error;
};

const timeOf = ({ t }: Header): number => {
  if (typeof t === 'number') return t;
  throw new Error('a frame without its time');
};

/** What a shell says when there is no such program. */
const commandNotFound = 127;

/** Which of the sysctls the place is known to set are in fact not those of a new network namespace. */
const recordOwnSysctls = async ({ ownSysctls = {} }: Place, { sidecar }: Lab, recorder: Recorder) => {
  for (const host of ['client', 'server'] as const) {
    for (const [name, usual] of Object.entries(ownSysctls)) {
      const { after } = await parsedValue(replies.change, sidecar[host].request({ do: 'sysctl', name }));
      if (after !== usual) recorder.api({ type: 'setting', t: now(), host, name, value: after, default: usual });
    }
  }
};

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

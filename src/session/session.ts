// A running experiment: the lab, the wire and the recorder joined. What a script may do with it is written in `script/`.

import { settledWithin } from '../control/settled-within.ts';
import { explainFailure } from '../lab/explain-failure.ts';
import { type Lab, type Place, startLab } from '../lab/lab.ts';
import { type HostName, hostsIn, perHost } from '../record/hosts.ts';
import type { WireRecord } from '../record/wire-records.ts';
import type { Recorder } from '../recording/recorder.ts';
import { createWire, type Wire } from '../wire/wire.ts';
import { linkOf } from './link.ts';
import { createListeners } from './listeners.ts';
import { createProcesses, type Processes } from './processes.ts';
import type { Progress, Stepper } from './progress.ts';
import { createReceiver } from './receiver.ts';
import { recordInherited, recordOwnSysctls } from './settings.ts';
import { createSockets, type Sockets } from './sockets.ts';
import { createSteps, type Steps } from './steps.ts';
import { stopWitnesses } from './stop-witnesses.ts';
import { createWaits, quietMilliseconds, type Waits } from './waits.ts';

export type Session = Omit<Waits, 'close'> &
  Steps &
  Omit<Sockets, 'receive' | 'sampleFirst' | 'passed' | 'close'> &
  Omit<Processes, 'arrived' | 'settle'> & {
    lab: Lab;
    wire: Wire;
    recorder: Recorder;
    /** Both ends are on the client. */
    isOneHost: boolean;
    /** Call back with each record of the wire until the returned function is called. */
    onWire(listener: (line: WireRecord) => void): () => void;
    /** Resolves when nothing moves on the wire any more: what a part of the script has begun belongs to it. */
    settle(): Promise<void>;
    /**
     * Stop the witnesses; what they have said is recorded. The last sample is of what the run leaves behind. Ends
     * within seconds.
     */
    stopWitnesses(how: { hasFailed: boolean }): Promise<void>;
    /** Remove the lab. What the script still waits for, though its run has ended, is given up. */
    close(): Promise<void>;
  };

export type SessionOptions = {
  place: Place;
  recorder: Recorder;
  freeRun: boolean;
  /** Both ends are on the client: its loopback is captured, and looked at when something passes. */
  oneHost?: boolean;
  hosts: readonly HostName[];
  progress?: Progress;
  signal: AbortSignal;
  /** Aborted when somebody wants the end before the lab stands. */
  untilBegun?: AbortSignal;
  stepper?: Stepper;
};

/** Start a lab and its witnesses. Throws LabError when this machine cannot. */
export const openSession = async (options: SessionOptions): Promise<Session> => {
  const { place, recorder, hosts, progress = {}, signal, stepper } = options;
  // The lab's parts call back into the wire, which reaches the hosts through the lab.
  let lab: Lab;
  let wire: Wire;
  const sidecarOf = (host: HostName) => lab.sidecar[host];
  const wireRecords = createListeners<WireRecord>();
  const processes = createProcesses();
  const sockets = createSockets({
    sidecarOf,
    recorder,
    progress,
    hosts,
    sampleAll: (reason) => wire.sampleAll(reason),
  });
  wire = createWire({
    links: perHost((host) => linkOf(host, sidecarOf, sockets), hosts),
    record: (line) => {
      recorder.wire(line);
      wireRecords.tell(line);
    },
    settle: processes.settle,
    onSegment: (segment, fate) => progress.segment?.(segment, fate),
    gate: stepper,
  });
  const captured = options.oneHost ? sockets.passed : undefined;
  const receiver = createReceiver({ recorder, wire, sockets, processes, progress, captured });
  lab = await startLab(place, receiver, { hosts, signal: options.untilBegun, oneHost: options.oneHost });
  try {
    await Promise.all([startCaptures(lab, options.oneHost), recordInherited(lab, recorder)]);
    if (options.freeRun && !options.oneHost) await wire.setLockstep({}, false);
    await recordOwnSysctls(place, lab, recorder);
    await sockets.sampleFirst();
  } catch (error) {
    await lab.remove();
    throw error;
  }
  const waits = createWaits({ lab, wire, recorder, progress, signal, stepper, looks: sockets });
  const steps = createSteps({ wire, recorder, progress, stepper, looks: sockets, orAbort: waits.orAbort });
  return {
    lab,
    wire,
    recorder,
    isOneHost: options.oneHost === true,
    ...processes,
    ...sockets,
    ...waits,
    ...steps,
    onWire: wireRecords.add,
    arrival: (name) => waits.orAbort(processes.arrival(name)),
    settle: () => waits.orAbort(wire.quiet(quietMilliseconds, { answered: true })),
    stopWitnesses: async (how) => {
      sockets.close();
      await stopWitnesses({ lab, recorder, lastLook: () => sockets.look('end of the run'), signal, ...how });
      // A kernel sends when it likes: the samples around what it sends now are of all hosts, or of none.
      await settledWithin(lastFrameMilliseconds, wire.halt());
    },
    close: () => {
      waits.close();
      return lab.remove();
    },
  };
};

const lastFrameMilliseconds = 500;

const startCaptures = ({ sidecar }: Lab, loopback = false) =>
  Promise.all(
    Object.values(sidecar).map((one) => one.request({ do: 'startCapture', loopback, hosts: hostsIn(sidecar) })),
  ).catch((error: Error) => {
    throw explainFailure('The capture could not be started', error.message);
  });

// The sockets of all hosts as ss shows them: samples, taken when they are asked for and when something has happened,
// and what `ss -E` tells of the end of each.
import type { Channel } from '../control/channel.ts';
import { parsedValue, replies } from '../control/replies.ts';
import { explainFailure } from '../lab/explain-failure.ts';
import { type HostName, perHost } from '../record/hosts.ts';
import type { Recorder } from '../recording/recorder.ts';
import type { RawSample } from '../witness/ss.ts';
import { createListeners } from './listeners.ts';
import { createLooks, reasonToLook } from './looks.ts';
import type { Progress } from './progress.ts';

export type Sockets = {
  /** Have ss look at one host now. */
  sample(host: HostName, reason: string): Promise<RawSample>;
  /** The samples a run begins with. Throws LabError where ss does not run: without it there is no run. */
  sampleFirst(): Promise<void>;
  /**
   * Have ss look at all hosts soon; what is asked for meanwhile is answered by one look. A look that fails ends
   * nothing: a lab that is lost is told elsewhere.
   */
  look(reason: string): Promise<void>;
  /** The same for a step, which fails with it. */
  lookOrFail(reason: string): Promise<void>;
  /** Resolves when all looks asked for by now have been recorded, or have failed. */
  looksTaken(): Promise<void>;
  /** Something has been captured where nobody holds it up (a loopback device): look soon. */
  passed(): void;
  /** Nobody looks at the hosts until it is switched off again: ss runs for nobody, whatever asks for it. */
  setUndisturbed(on: boolean): void;
  isUndisturbed(): boolean;
  /** What `ss -E` has sent. */
  receive(host: HostName, bytes: Buffer): void;
  /** What it has told of a host's destroyed sockets since nobody looks. */
  socketEnds(host: HostName): string;
  /** Call back whenever it tells of one, until the returned function is called. */
  onSocketEnd(listener: () => void): () => void;
  /** What happens from now on asks for no look. */
  close(): void;
};

type Context = {
  sidecarOf(host: HostName): Channel;
  recorder: Recorder;
  progress: Progress;
  hosts: readonly HostName[];
  sampleAll(reason: string): Promise<unknown>;
};

export const createSockets = ({ sidecarOf, recorder, progress, hosts, sampleAll }: Context): Sockets => {
  const ends = perHost(() => '');
  const endListeners = createListeners<void>();
  let undisturbed = false;
  const looks = createLooks(sampleAll);
  const look = (reason: string) => looks.look(reason).catch(() => {});
  let isOpen = false;
  const stopListening = recorder.listen((record) => {
    const reason = reasonToLook(record);
    if (reason !== undefined) void look(reason);
  });
  const sample = async (host: HostName, reason: string): Promise<RawSample> => {
    const taken = await parsedValue(replies.sample, sidecarOf(host).request({ do: 'sample' }));
    recorder.sample(host, reason, taken);
    progress.sample?.(host, taken);
    return taken;
  };
  const sampleFirst = async (host: HostName) => {
    const { exit } = await sample(host, 'start');
    if (exit === commandNotFound) throw explainFailure('ss could not be run', 'spawn ss ENOENT');
    if (exit !== 0) throw explainFailure(`ss could not be run on the ${host}`, `it ended with exit code ${exit}`);
  };
  return {
    sample,
    sampleFirst: async () => {
      await Promise.all(hosts.map(sampleFirst));
      isOpen = true;
    },
    look,
    lookOrFail: looks.look,
    looksTaken: looks.taken,
    passed: () => {
      if (isOpen) void look('something passed');
    },
    setUndisturbed: (on) => {
      undisturbed = on;
      Object.assign(
        ends,
        perHost(() => ''),
      );
    },
    isUndisturbed: () => undisturbed,
    receive: (host, bytes) => {
      recorder.destroyed(host, bytes);
      ends[host] += bytes.toString();
      endListeners.tell();
    },
    socketEnds: (host) => ends[host],
    onSocketEnd: endListeners.add,
    close: () => {
      isOpen = false;
      stopListening();
    },
  };
};

/** What a shell says when there is no such program. */
const commandNotFound = 127;

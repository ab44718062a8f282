// The end of a run: each witness says its last, as far as it still answers. One that does not is a gap, and is not waited for.

import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Header } from '../control/channel.ts';
import { settledWithin } from '../control/settled-within.ts';
import type { Lab } from '../lab/lab.ts';
import { now } from '../record/clock.ts';
import { type HostName, hostsIn } from '../record/hosts.ts';
import type { Recorder } from '../recording/recorder.ts';

/** For each of the few waits; shorter where somebody wants the end, or a part of the lab may be gone. */
const patienceMilliseconds = { usual: 10_000, short: 1500 };
/** A sidecar needs up to three seconds to find that a witness of its own does not answer. */
const captureMilliseconds = 4000;
const lastPacketsMilliseconds = 2000;

const counted = z.object({
  counts: z.object({ captured: z.number(), received: z.number(), droppedByKernel: z.number() }).optional(),
});

export const stopWitnesses = async ({
  lab,
  recorder,
  lastLook,
  signal,
  hasFailed,
}: {
  lab: Lab;
  recorder: Recorder;
  lastLook(): Promise<void>;
  /** Aborted when somebody wants the end now. */
  signal: AbortSignal;
  /** The run has ended by an error: perhaps because somebody does not answer. */
  hasFailed: boolean;
}): Promise<void> => {
  const wanted = Promise.withResolvers<void>();
  const onAbort = () => wanted.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted || hasFailed) onAbort();
  /** Resolves to whether the promise was settled while there was patience. */
  const inPatience = (promise: Promise<unknown>) =>
    Promise.race([
      settledWithin(patienceMilliseconds.usual, promise),
      wanted.promise.then(() => settledWithin(patienceMilliseconds.short, promise)),
    ]);
  const ask = (host: HostName, header: Header, milliseconds = patienceMilliseconds.usual) =>
    lab.sidecar[host].request(header, undefined, milliseconds);
  /** A host whose sidecar does not answer has nothing more to say. */
  const answers = async (host: HostName) => {
    const answer = ask(host, { do: 'barrier' }).then(() => true);
    return (await inPatience(answer)) && answer.catch(() => false);
  };
  const gap = (witness: 'ss' | 'wire', reason: string, host?: HostName) =>
    recorder.api({ type: 'gap', t: now(), witness, host, reason });

  const asked = now();
  if (!(await inPatience(lastLook()))) gap('ss', 'the last sample of the run was not taken: ss does not answer');
  // An agent that is gone has told what there was; that something is missing is seen in what it told.
  await inPatience(
    Promise.all(Object.values(lab.agent).map((agent) => agent.request({ do: 'stopTraces' }).catch(() => {}))),
  );
  const hosts = hostsIn(lab.sidecar);
  const answering = new Map(await Promise.all(hosts.map(async (host) => [host, await answers(host)] as const)));
  const listening = hosts.filter((host) => answering.get(host));
  const deadline = Date.now() + lastPacketsMilliseconds;
  while (!listening.every(recorder.captured) && Date.now() < deadline) await pause(2);
  await Promise.all(
    hosts.map(async (host) => {
      if (!answering.get(host)) {
        gap('wire', 'the sidecar did not answer when the run ended', host);
        return recorder.api({ type: 'capture', t: now(), host, asked });
      }
      const reply = await ask(host, { do: 'stopCapture' }, captureMilliseconds).catch(() => undefined);
      await answers(host); // what tcpdump saw to the last is in the wire's log as well
      recorder.api({ type: 'capture', t: now(), host, asked, counts: counted.safeParse(reply?.value).data?.counts });
    }),
  );
  signal.removeEventListener('abort', onAbort);
};

// What is done before a script is played: the client's kernel steps back, and everything that must be quick is made ready.

import { encodeSegment } from '../../packet/frame.ts';
import { now } from '../../record/clock.ts';
import { addressOf, device } from '../../record/hosts.ts';
import type { Session } from '../../session/session.ts';
import { createReader } from '../../wire/segment.ts';

/**
 * Let the process that makes the calls go before everything else on the machine, as the collector and the sidecars do
 * and as packetdrill does with itself: a script is a matter of milliseconds. Where the user may not ask for that,
 * nothing happens.
 */
export const goFirst = async ({ arrival, lab }: Session, name: string): Promise<void> => {
  const { hello } = await arrival(name);
  await lab.sidecar.server.request({ do: 'goFirst', pids: [hello.pid] });
};

/** Make and read segments until the code for it runs at full speed: the first one would be milliseconds late. */
export const warmUp = () => {
  const reader = createReader();
  for (let round = 0; round < 200; round++) {
    const frame = encodeSegment({
      sourceAddress: addressOf.client.ip,
      destinationAddress: addressOf.server.ip,
      sourcePort: 1,
      destinationPort: 2,
      flags: round % 2 === 0 ? 'S' : 'S.',
      options: { mss: 1460, sackPermitted: true, windowScale: 7 },
    });
    reader.read(frame, round);
  }
};

/**
 * The kernel of the client's host steps back: its address goes, and the wire speaks for it. Gives how many scripts were
 * played before.
 */
export const withdrawClient = async ({ lab, recorder, beginStep }: Session): Promise<number> => {
  const played = scriptsPlayed.get(lab) ?? 0;
  scriptsPlayed.set(lab, played + 1);
  if (played > 0) return played;
  const step = beginStep('client: its kernel steps back for the script', undefined);
  const id = 'client:scripted';
  const args = [`addr flush dev ${device}`];
  recorder.api({
    type: 'call',
    t: now(),
    call: id,
    step,
    host: 'client',
    process: 'kernel',
    via: 'host',
    by: 'script',
    api: 'ip',
    args,
  });
  await lab.sidecar.client.request({ do: 'scripted' });
  recorder.api({ type: 'return', t: now(), call: id });
  return 0;
};
const scriptsPlayed = new WeakMap<object, number>();

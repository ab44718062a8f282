// A part of the script in which nobody looks: what kernels measure and when their timers fire is then their own doing.
import { now } from '../record/clock.ts';
import type { Session } from '../session/session.ts';

/**
 * Play a part of the script in freeRun, without a sample, and go back to what was before. Both kernels first forget what earlier
 * connections have taught them of each other: the round trip they keep (ip-tcp_metrics(8)) sets the first RTO of later ones
 * (tcp_init_metrics(), net/ipv4/tcp_metrics.c). What ends a socket is told by `ss -E`, which only listens.
 */
export const undisturbed = async <T>(session: Session, part: () => Promise<T>): Promise<T> => {
  const { wire, lab, recorder } = session;
  const wasLockstep = wire.isLockstep();
  await session.settle();
  if (wasLockstep) await wire.setLockstep(session.context(), false);
  // What ended before must not be told as an end within.
  const prepare = ['forgetPeer', 'catchUpDestroyed'].flatMap((what) =>
    Object.values(lab.sidecar).map((one) => one.request({ do: what })),
  );
  await session.orAbort(Promise.all(prepare));
  recorder.api({
    type: 'stage',
    t: now(),
    edge: 'note',
    text: 'from here nobody looks, and both kernels have forgotten each other',
  });
  session.setUndisturbed(true);
  let given: T;
  try {
    given = await part();
    await session.settle();
  } finally {
    session.setUndisturbed(false);
    recorder.api({ type: 'stage', t: now(), edge: 'note', text: 'from here ss looks again' });
  }
  if (wasLockstep) await wire.setLockstep(session.context(), true);
  return given;
};

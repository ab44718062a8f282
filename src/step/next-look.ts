// When ss should look again while nothing else happens: when a kernel timer should have fired, and every few seconds in any case.
import { type HostName, hostsIn } from '../record/hosts.ts';
import type { SocketRow } from '../record/samples.ts';

/** Milliseconds on the clock of `takenAt`, which says when each host was looked at last. */
export const nextLook = (rows: Record<HostName, SocketRow[]>, takenAt: Record<HostName, number>): number => {
  const expiries = hostsIn(rows).flatMap((host) =>
    rows[host].flatMap(({ timer }) => (timer ? [takenAt[host] + Math.max(timer.expiresMs, leastMs) + graceMs] : [])),
  );
  return expiries.reduce((soonest, at) => Math.min(soonest, at), Math.max(...Object.values(takenAt)) + mostMs);
};

/** A timer at 0 is about to fire, or waits for a socket in use. */
const leastMs = 100;
const graceMs = 20;
const mostMs = 3000;

// Attempts to connect of which no segment came to the wire: only the calls of the program tell of them.
import { addressOf, type HostName } from '../record/hosts.ts';
import type { CallEvent } from '../timeline/schema.ts';
import type { Facts } from './facts.ts';

/** A connect() of a traced program that made no connection on the wire, and the later calls on its descriptor. */
export type Attempt = { connect: CallEvent; remote: { address: string; port: number }; later: CallEvent[] };

export const attemptsOffTheWire = (facts: Facts): Attempt[] =>
  facts.allCalls
    .filter(({ via, api, connection }) => via === 'strace' && api === 'connect' && connection === undefined)
    .flatMap((connect): Attempt[] => {
      const { host, process, target, remote, at } = connect;
      if (!remote) return [];
      const isSame = (one: CallEvent) => one.host === host && one.process === process && one.target === target;
      const later = facts.allCalls.filter((one) => isSame(one) && one.at > at);
      const end = later.find(({ api }) => api === 'close')?.at ?? facts.timeline.duration;
      const hasSyn = facts.timeline.events.some(
        (event) =>
          event.kind === 'segment' &&
          event.from === host &&
          event.flags.includes('S') &&
          event.destination.port === remote.port &&
          event.destination.address === remote.address &&
          event.at >= at &&
          event.at <= end,
      );
      return hasSyn ? [] : [{ connect, remote, later: later.filter((one) => one.at <= end) }];
    });

/** Whether an address is the host's own: what goes there goes over its loopback. */
export const isOwn = (host: HostName, address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address === addressOf[host].ip || address === addressOf[host].ip6;

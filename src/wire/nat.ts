// What a middlebox that keeps state remembers (a NAT, a firewall, a load balancer): the connections whose SYN it has
// seen, for as long as something moves on them. One that was idle for too long it has forgotten, and what then comes of
// it does not pass.
import type { WireSegment } from './segment.ts';

export type Nat = {
  /** Whether the middlebox has forgotten the connection of a segment that comes now (nanoseconds of one clock). */
  hasForgotten(segment: Pick<WireSegment, 'connection' | 'flags'>, t: number): boolean;
};

/** `since`: connections that were there before are remembered from then on. */
export const createNat = (idleNanoseconds: number, since: number): Nat => {
  const lastMoved = new Map<number, number | 'forgotten'>();
  return {
    hasForgotten: ({ connection, flags }, t) => {
      const isNew = flags.includes('S') && !flags.includes('.');
      const last = lastMoved.get(connection) ?? since;
      if (!isNew && (last === 'forgotten' || t - last > idleNanoseconds)) {
        lastMoved.set(connection, 'forgotten');
        return true;
      }
      lastMoved.set(connection, t);
      return false;
    },
  };
};

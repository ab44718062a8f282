// Moments to the nanosecond. Nanoseconds since 1970 do not fit a number exactly, and a bigint per packet is slow:
// so seconds and nanoseconds stay apart, and only differences become one number.

export type Instant = {
  /** Whole seconds since 1970. */
  seconds: number;
  /** 0 to 999,999,999. */
  nanoseconds: number;
};

/** Nanoseconds since 1970. */
export const toNanoseconds = ({ seconds, nanoseconds }: Instant): bigint =>
  BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);

/** From nanoseconds since 1970. */
export const fromNanoseconds = (total: bigint): Instant => ({
  seconds: Number(total / 1_000_000_000n),
  nanoseconds: Number(total % 1_000_000_000n),
});

/** Nanoseconds from one moment to another, exact up to 104 days. */
export const nanosecondsBetween = (from: Instant, to: Instant): number =>
  (to.seconds - from.seconds) * 1_000_000_000 + (to.nanoseconds - from.nanoseconds);

// Arithmetic on sequence numbers, modulo 2^32 (RFC 9293, section 3.4).

/** `seq + count` modulo 2^32; `count` may be negative. */
export const sequenceAdd = (seq: number, count: number): number => (seq + count) >>> 0;

/** How far `to` lies ahead of `from`; negative when it lies behind. Between -2^31 and 2^31 - 1. */
export const sequenceDistance = (from: number, to: number): number => (to - from) | 0;

/** Negative when `a` comes before `b`, 0 when they are the same, positive when `a` comes after. */
export const sequenceCompare = (a: number, b: number): number => sequenceDistance(b, a);

// One clock for all: tcpdump stamps packets with CLOCK_REALTIME, everything else with CLOCK_MONOTONIC. Linux slews both
// alike (kernel/time/timekeeping.c), so their distance is constant until somebody sets the clock: a stair, not a slope.

import type { CapturedPacket } from '../../packet/pcap.ts';
import type { HostName } from '../../record/hosts.ts';
import { itemAt } from '../../record/item-at.ts';
import type { WireFrame } from './frames.ts';

/** A host's packets, each with the frame it is a copy of. */
type Copies = Record<'sent' | 'received', { copies: ReadonlyMap<WireFrame, CapturedPacket> }>;

/** CLOCK_REALTIME minus CLOCK_MONOTONIC (`realtime`, ns) as read at a moment of CLOCK_MONOTONIC. */
export type OffsetReading = { begin: number; realtime?: bigint };

export type Clock = {
  /** Nanoseconds since the start of the run for a moment of CLOCK_MONOTONIC. */
  fromMonotonic(t: number): number;
  /** Nanoseconds since the start of the run for a packet's time of CLOCK_REALTIME. */
  fromCapture(seconds: number, nanoseconds: number): number;
  /** Half the width of the span a captured time may lie in. */
  uncertainty: number;
};

/**
 * Make the clock of a run that began at `start` (CLOCK_MONOTONIC, ns) from the offsets read with the samples. The
 * wire's log checks it: a packet cannot have been captured after the wire had read it, nor outside of the write that
 * delivered it.
 */
export const makeClock = (start: number, readings: OffsetReading[], captures: Record<HostName, Copies>): Clock => {
  const matched = Object.values(captures);
  const read = readings.flatMap(({ begin, realtime }) =>
    realtime === undefined ? [] : [{ at: begin, offset: realtime }],
  );
  const stairs = findStairs(read.length > 0 ? read : offsetsOfDeliveries(matched));
  const levels = stairs.map(({ from, offset }) => ({
    from: from - start,
    seconds: Number(offset / second),
    nanoseconds: Number(offset % second),
  }));
  const fromCapture = (seconds: number, nanoseconds: number) => {
    let at = 0;
    // With each stair the packet's time on the common clock; the last stair that had begun by then is the right one.
    for (const [index, level] of levels.entries()) {
      const time = (seconds - level.seconds) * 1e9 + (nanoseconds - level.nanoseconds) - start;
      if (index === 0 || time >= level.from) at = time;
    }
    return at;
  };
  const fromMonotonic = (t: number) => t - start;
  const contradiction = Math.max(
    0,
    ...matched.map((capture) => largestContradiction(capture, fromCapture, fromMonotonic)),
  );
  const uncertainty = Math.max(readingError, contradiction, ...stairs.map(({ spread }) => spread));
  return { fromMonotonic, fromCapture, uncertainty };
};

const second = 1_000_000_000n;
/** The offset travels as a double: 256 ns apart for this century's dates, plus the time between two readings. */
const readingError = 1000;
/** Readings further apart than this, twice in a row, mean that the clock was set. A single one was an interrupted reading. */
const step = 200_000n;

type Reading = { at: number; offset: bigint };
type Stair = { from: number; offset: bigint; spread: number };

const findStairs = (unsorted: Reading[]): Stair[] => {
  const readings = unsorted.toSorted((a, b) => a.at - b.at);
  const runs: Reading[][] = [];
  for (const [index, reading] of readings.entries()) {
    const run = runs.at(-1);
    const next = readings[index + 1];
    if (run && near(itemAt(run, 0).offset, reading.offset)) run.push(reading);
    else if (!run || (next && near(reading.offset, next.offset))) runs.push([reading]);
  }
  // The very first reading has nothing before it to be compared with.
  if (runs.length > 1 && runs[0]?.length === 1) runs.shift();
  return runs.map(describe);
};

const near = (a: bigint, b: bigint) => a - b < step && b - a < step;

const describe = (run: Reading[]): Stair => {
  const sorted = run.map(({ offset }) => offset).sort((a, b) => Number(a - b));
  const offset = itemAt(sorted, sorted.length >> 1);
  const spread = Math.max(Number(offset - itemAt(sorted, 0)), Number(itemAt(sorted, sorted.length - 1) - offset));
  return { from: itemAt(run, 0).at, offset, spread };
};

/** Without readings: a delivered packet was captured during its delivery. The shortest writes say it most exactly. */
const offsetsOfDeliveries = (captures: Copies[]): Reading[] =>
  captures
    .flatMap(({ received }) =>
      [...received.copies].flatMap(([{ delivered }, packet]) => (delivered ? [{ packet, ...delivered }] : [])),
    )
    .sort((a, b) => a.done - a.t - (b.done - b.t) || a.t - b.t)
    .slice(0, 5)
    .map(({ packet, t, done }) => ({
      at: t,
      offset: BigInt(packet.seconds) * second + BigInt(packet.nanoseconds) - BigInt(Math.round((t + done) / 2)),
    }));

/** By how much the capture's times and the wire's log contradict each other at most (ns). */
const largestContradiction = (
  { sent, received }: Copies,
  fromCapture: Clock['fromCapture'],
  fromMonotonic: Clock['fromMonotonic'],
): number => {
  let largest = 0;
  for (const [frame, { seconds, nanoseconds }] of sent.copies) {
    largest = Math.max(largest, fromCapture(seconds, nanoseconds) - fromMonotonic(frame.at));
  }
  for (const [{ delivered }, { seconds, nanoseconds }] of received.copies) {
    if (!delivered) continue;
    const at = fromCapture(seconds, nanoseconds);
    largest = Math.max(largest, fromMonotonic(delivered.t) - at, at - fromMonotonic(delivered.done));
  }
  return largest;
};

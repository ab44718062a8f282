// Who holds a socket, in words, and what it has done with it.
import { isRead } from '../record/socket-calls.ts';
import { listed } from '../report/words/text.ts';
import type { CallEvent, Descriptor } from '../timeline/schema.ts';
import { arrivalOf, type End, type Facts } from './facts.ts';

/** The descriptors by which processes had the socket at a moment; empty where nobody knows, or none did. */
export const holdersAt = (facts: Facts, end: End, at: number): Descriptor[] =>
  facts.descriptors(end).filter(({ from, until }) => from <= at && (until ?? Infinity) > at);

/** `server (pid 41, descriptor 19)`, `server (pid 41, descriptors 19 and 20) and server[44] (pid 44, descriptor 19)`. */
export const holderWords = (holders: readonly Descriptor[]): string =>
  listed(
    [...Map.groupBy(holders, ({ process, pid }) => `${process} (pid ${pid}`)].map(([who, all]) => {
      const numbers = listed(all.map(({ fd }) => String(fd)));
      return `${who}, descriptor${all.length === 1 ? '' : 's'} ${numbers})`;
    }),
  );

/** Who held it, where processes were traced, or did something with it last. */
export const whoHeld = (facts: Facts, end: End, at: number): string | undefined => {
  const holders = holdersAt(facts, end, at);
  if (holders.length > 0) return holderWords(holders);
  const acts = [...facts.calls(end), ...facts.emits(end)].filter((one) => one.at <= at).sort((a, b) => a.at - b.at);
  const last = acts.findLast(({ process }) => process !== 'kernel');
  return last && `${last.process} (${last.target ?? 'its socket'})`;
};

/** Bytes of payload that had reached the end by a moment, each counted once. */
export const bytesArrived = (facts: Facts, end: End, by: number): number =>
  facts
    .received(end)
    .filter((segment) => segment.length > 0 && arrivalOf(segment) <= by)
    .reduce((most, { seq, length }) => Math.max(most, seq + length - 1), 0);

/** Bytes its programs had read by a moment; undefined where their reads are not recorded. */
export const bytesRead = (facts: Facts, end: End, by: number): number | undefined => {
  if (facts.descriptors(end).length === 0) return undefined;
  return facts
    .calls(end)
    .filter((call) => isRead(call) && doneAt(call) <= by)
    .reduce((sum, { returned }) => sum + bytesOf(returned?.value), 0);
};

/** When a call was done; one that never returned is not. */
export const doneAt = ({ returned }: CallEvent): number => returned?.at ?? Infinity;

/** What a read or a write moved. */
export const bytesOf = (value: unknown): number => {
  const bytes = typeof value === 'object' && value !== null && 'bytes' in value ? value.bytes : value;
  return typeof bytes === 'number' ? Math.max(0, bytes) : 0;
};

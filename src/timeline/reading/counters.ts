// Decodes counters-<host>.ndjson: the kernel's counters as read with each sample of ss, and makes an event of each rise
// that says something.
import { z } from 'zod';
import type { Gap } from '../../record/gap.ts';
import { type HostName, hostsIn, perHost } from '../../record/hosts.ts';
import type { Sample } from '../../record/samples.ts';
import { type Draft, noId } from '../draft.ts';
import type { Moments } from '../moments.ts';
import type { CounterEvent } from '../schema.ts';
import type { Clock } from './clock.ts';
import { meaningOf } from './counter-names.ts';

const reading = z.union([
  z.object({
    sample: z.number(),
    begin: z.number(),
    end: z.number(),
    whole: z.literal(true).optional(),
    values: z.record(z.string(), z.number()),
  }),
  z.object({ sample: z.number(), begin: z.number(), end: z.number(), error: z.string() }),
]);

/** A counter that rose between two readings; times are CLOCK_MONOTONIC in nanoseconds. */
export type Rise = { host: HostName; name: string; by: number; value: number; from: number; to: number };

/** A good reading: the number of the sample it was taken with, and between which moments (CLOCK_MONOTONIC, ns). */
type Taken = { sample: number; begin: number; end: number };

/** What was read: every rise, in order of time, and every good reading. */
export type CounterReadings = { rises: Rise[]; readings: Record<HostName, Taken[]> };

/**
 * Decode the files of the hosts: every rise, in order of time, and what of the readings is missing (spans still of
 * CLOCK_MONOTONIC). Never throws.
 */
export const readCounters = (files: Record<HostName, string>): CounterReadings & { gaps: Gap[] } => {
  const hosts = hostsIn(files);
  const read = perHost((host) => readFile(host, files[host]), hosts);
  const all = Object.values(read);
  return {
    rises: all.flatMap(({ rises }) => rises).sort((a, b) => a.to - b.to),
    readings: perHost((host) => read[host].readings, hosts),
    gaps: all.flatMap(({ gaps }) => gaps),
  };
};

const readFile = (host: HostName, text: string) => {
  const rises: Rise[] = [];
  const readings: Taken[] = [];
  const gaps: Gap[] = [];
  const gap = (reason: string, from?: number, to?: number) =>
    gaps.push({
      witness: 'counters',
      host,
      reason,
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    });
  const values = new Map<string, number>();
  let last: number | undefined;
  let number = 0;
  for (const line of text.split('\n').slice(0, -1)) {
    const record = readLine(line);
    number++;
    if (!record) {
      gap(`line ${number} of counters-${host}.ndjson cannot be read`);
      continue;
    }
    if ('error' in record) {
      gap(`the counters could not be read: ${record.error}`, last, record.end);
      continue;
    }
    if (record.sample !== number) gap(`readings are missing before line ${number} of counters-${host}.ndjson`);
    number = record.sample;
    for (const [name, value] of Object.entries(record.values)) {
      const before = values.get(name);
      values.set(name, value);
      if (!record.whole && last !== undefined && before !== undefined && value > before)
        rises.push({ host, name, by: value - before, value, from: last, to: record.end });
    }
    last = record.begin;
    readings.push({ sample: record.sample, begin: record.begin, end: record.end });
  }
  if (last === undefined) gap('there is no reading of the host');
  else if (!text.endsWith('\n')) gap(`counters-${host}.ndjson is cut short`);
  return { rises, readings, gaps };
};

const readLine = (line: string): z.infer<typeof reading> | undefined => {
  try {
    return reading.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
};

/** An event for each rise of a counter that has a meaning to TCP, at the reading that shows it. */
export const riseEvents = (
  rises: Rise[],
  { clock, moments, samples }: { clock: Clock; moments: Moments; samples: Sample[] },
): Draft<CounterEvent>[] =>
  rises.flatMap((rise) => {
    const { host, name, by, value, from, to } = rise;
    const meaning = meaningOf(name);
    if (!meaning) return [];
    const at = clock.fromMonotonic(to);
    const stage = moments.stageAt(to);
    const own = samples.filter((sample) => sample.host === host);
    // They are read while ss runs.
    const after = own.findLast((sample) => sample.begin <= at);
    const before = own.findLast((sample) => sample.begin <= clock.fromMonotonic(from));
    const event: CounterEvent = {
      id: noId,
      at,
      step: moments.stepAt(to),
      ...(stage !== undefined && { stage }),
      kind: 'counter',
      host,
      name,
      by,
      value,
      meaning: meaning.words,
      ...(meaning.telling && !isToldByOther(rise, rises) && { telling: true as const }),
      between: [clock.fromMonotonic(from), at],
      ...(before && { before: before.id }),
      ...(after && { after: after.id }),
    };
    return [{ event }];
  });

/**
 * What the kernel counts twice, the cause and the effect: a listener whose accept queue is full both the overflow and
 * the drop (tcp_listendrop), a SYN on an open connection the challenge and an error (tcp_validate_incoming, both in
 * net/ipv4/tcp_input.c).
 */
const isToldByOther = ({ name, host, by, to }: Rise, rises: Rise[]): boolean =>
  rises.some((one) => causesOf[name]?.includes(one.name) && one.host === host && one.to === to && one.by === by);

const causesOf: Record<string, string[]> = {
  'TcpExt.ListenDrops': ['TcpExt.ListenOverflows', 'TcpExt.TCPReqQFullDrop'],
  'Tcp.InErrs': ['TcpExt.TCPSYNChallenge', 'Tcp.InCsumErrors'],
};

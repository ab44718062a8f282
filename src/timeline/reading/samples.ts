// Decodes ss-<host>.txt: per sample a heading line, then what ss printed.

import type { Gap } from '../../record/gap.ts';
import { type HostName, hostsIn, perHost } from '../../record/hosts.ts';
import type { Sample, SocketRow } from '../../record/samples.ts';
import type { Clock } from './clock.ts';
import { parseSocketTable } from './ss.ts';

/** A sample as the file holds it; times are CLOCK_MONOTONIC in nanoseconds. */
export type RecordedSample = {
  host: HostName;
  /** As its heading counts, and as it stands in the file; both from 1. */
  number: number;
  place: number;
  begin: number;
  end: number;
  /** CLOCK_REALTIME minus CLOCK_MONOTONIC when it was taken, nanoseconds. */
  realtime?: bigint;
  reason: string;
  rows: SocketRow[];
  /** Why nothing may be concluded from a row that is missing; absent for a good sample. */
  failure?: string;
};

/** Decode the files of the hosts: all samples in order of time, and what of them is missing (spans still of CLOCK_MONOTONIC). */
export const readSamples = (files: Record<HostName, string>): { samples: RecordedSample[]; gaps: Gap[] } => {
  const samples: RecordedSample[] = [];
  const gaps: Gap[] = [];
  const hosts = hostsIn(files);
  for (const host of hosts) {
    const file = parseSamples(host, files[host]);
    if (file.damage !== undefined)
      gaps.push({ witness: 'ss', host, reason: `ss-${host}.txt is damaged: ${file.damage}` });
    if (file.samples.length === 0) gaps.push({ witness: 'ss', host, reason: 'there is no sample of the host' });
    file.samples.sort((a, b) => a.begin - b.begin);
    samples.push(...file.samples);
    gaps.push(...blindSpans(file.samples));
  }
  gaps.push(...unevenness(samples, hosts));
  return { samples: samples.sort((a, b) => a.begin - b.begin), gaps };
};

/** All hosts are sampled at the same occasions, but for a `watch`: a file cut short between two samples lacks some. */
const unevenness = (samples: RecordedSample[], hosts: HostName[]): Gap[] => {
  const occasions = samples.filter(({ reason }) => reason !== 'watch');
  const taken = perHost((host) => occasions.filter((sample) => sample.host === host).length, hosts);
  const most = Math.max(...Object.values(taken));
  return hosts.flatMap((host) => {
    const lacking = most - taken[host];
    const reason = `${lacking} samples taken of ${hosts.length > 2 ? 'another' : 'the other'} host have no counterpart`;
    return lacking === 0 ? [] : [{ witness: 'ss' as const, host, reason }];
  });
};

/** Around each failed sample: from the good one before to the good one after. */
const blindSpans = (samples: RecordedSample[]): Gap[] => {
  const gaps: Gap[] = [];
  let open: Gap | undefined;
  let lastGood: RecordedSample | undefined;
  for (const sample of samples) {
    if (sample.failure === undefined) {
      if (open) open.to = sample.begin;
      open = undefined;
      lastGood = sample;
    } else if (!open) {
      open = { witness: 'ss', host: sample.host, reason: sample.failure, ...(lastGood && { from: lastGood.end }) };
      gaps.push(open);
    }
  }
  return gaps;
};

/** Give the samples their ids and the times of the timeline. */
export const numberSamples = (samples: RecordedSample[], clock: Clock): Sample[] =>
  samples.map(({ host, begin, end, reason, rows, failure }, index) => ({
    id: `s${index + 1}`,
    host,
    begin: clock.fromMonotonic(begin),
    end: clock.fromMonotonic(end),
    reason,
    ok: failure === undefined,
    rows: failure === undefined ? rows : [],
  }));

/** Decode a host's samples as they stand in its file. Never throws. `damage` names what stands in the file and is no sample. */
export const parseSamples = (host: HostName, text: string): { samples: RecordedSample[]; damage?: string } => {
  const [before, ...parts] = text.split(/^(?=# sample )/m);
  const samples: RecordedSample[] = [];
  let damage: string | undefined;
  if (before && !before.startsWith('# sample ')) damage = 'the file does not begin with a sample';
  for (const part of before?.startsWith('# sample ') ? [before, ...parts] : parts) {
    const sample = parseSample(host, samples.length + 1, part);
    if (sample) samples.push(sample);
    else damage = `the heading of sample ${samples.length + 1} is damaged`;
  }
  return damage === undefined ? { samples } : { samples, damage };
};

const parseSample = (host: HostName, place: number, part: string): RecordedSample | undefined => {
  const newline = part.indexOf('\n');
  const heading = headingLine.exec(part.slice(0, Math.max(newline, 0)))?.groups;
  if (!heading) return undefined;
  const { number, begin, end, realtime, exit, bytes, reason = '' } = heading;
  const output = part.slice(newline + 1);
  const { rows, damage } = parseSocketTable(output);
  const sample: RecordedSample = {
    host,
    number: Number(number),
    place,
    begin: Number(begin),
    end: Number(end),
    reason,
    rows,
  };
  if (realtime !== undefined) sample.realtime = BigInt(realtime);
  if (exit !== '0') sample.failure = `ss ended with exit code ${exit}`;
  else if (damage !== undefined) sample.failure = damage;
  else if (bytes !== undefined && Number(bytes) !== Buffer.byteLength(output))
    sample.failure = 'the output of ss is cut short';
  return sample;
};

const headingLine =
  /^# sample (?<number>\d+) begin=(?<begin>\d+) end=(?<end>\d+)(?: realtime=(?<realtime>-?\d+))? exit=(?<exit>-?\d+)(?: bytes=(?<bytes>\d+))? reason=(?<reason>.*)$/;

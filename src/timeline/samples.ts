// Decodes ss-<host>.txt: per sample a heading line, then what ss printed.
import type { HostName, SocketRow } from './schema.ts';
import { parseSocketTable } from './ss.ts';

/** A sample as the file holds it; times are CLOCK_MONOTONIC in nanoseconds. */
export type RecordedSample = {
  host: HostName;
  begin: number;
  end: number;
  /** CLOCK_REALTIME minus CLOCK_MONOTONIC when it was taken, nanoseconds. */
  realtime?: bigint;
  reason: string;
  rows: SocketRow[];
  /** Why nothing may be concluded from a row that is missing; absent for a good sample. */
  failure?: string;
};

/** Decode a host's samples, in the order they were taken. Never throws. `damage` names what stands in the file and is no sample. */
export const parseSamples = (host: HostName, text: string): { samples: RecordedSample[]; damage?: string } => {
  const [before, ...parts] = text.split(/^(?=# sample )/m);
  const samples: RecordedSample[] = [];
  let damage: string | undefined;
  if (before && !before.startsWith('# sample ')) damage = 'the file does not begin with a sample';
  for (const part of before?.startsWith('# sample ') ? [before, ...parts] : parts) {
    const sample = parseSample(host, part);
    if (sample) samples.push(sample);
    else damage = `the heading of sample ${samples.length + 1} is damaged`;
  }
  return damage === undefined ? { samples } : { samples, damage };
};

const parseSample = (host: HostName, part: string): RecordedSample | undefined => {
  const newline = part.indexOf('\n');
  const heading = headingLine.exec(part.slice(0, Math.max(newline, 0)))?.groups;
  if (!heading) return undefined;
  const { begin, end, realtime, exit, bytes, reason = '' } = heading;
  const output = part.slice(newline + 1);
  const { rows, damage } = parseSocketTable(output);
  const sample: RecordedSample = { host, begin: Number(begin), end: Number(end), reason, rows };
  if (realtime !== undefined) sample.realtime = BigInt(realtime);
  if (exit !== '0') sample.failure = `ss ended with exit code ${exit}`;
  else if (damage !== undefined) sample.failure = damage;
  else if (bytes !== undefined && Number(bytes) !== Buffer.byteLength(output)) sample.failure = 'the output of ss is cut short';
  return sample;
};

const headingLine =
  /^# sample \d+ begin=(?<begin>\d+) end=(?<end>\d+)(?: realtime=(?<realtime>-?\d+))? exit=(?<exit>-?\d+)(?: bytes=(?<bytes>\d+))? reason=(?<reason>.*)$/;

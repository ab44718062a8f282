// The evidence of a run as its files hold it, and the readers of the two logs. A reader never throws: what is damaged
// becomes a gap.

import type { z } from 'zod';
import { type ApiRecord, apiRecord } from '../record/api-records.ts';
import type { Gap } from '../record/gap.ts';
import type { HostName } from '../record/hosts.ts';
import { type WireRecord, wireRecord } from '../record/wire-records.ts';

/**
 * What tcpdump said at its end. `asked`: when its end began (CLOCK_MONOTONIC, ns); what was sent later need not be in
 * the capture.
 */
export type CaptureEnd = { captured: number; received: number; droppedByKernel: number; asked?: number };

/** Everything a timeline is made from. */
export type Evidence = {
  plan: {
    experiment: string;
    /** Wall-clock start of the run, ISO 8601 in UTC. */
    startedAt: string;
    /** CLOCK_MONOTONIC at the start of the run, nanoseconds. Without it the run starts with its first record. */
    clockStart?: number;
    /** How the wire began. Default lockstep. */
    wireMode?: 'lockstep' | 'freeRun';
    /** Both ends are on one host, the client, whose loopback was captured. */
    oneHost?: true;
  };
  api: ApiRecord[];
  wire: WireRecord[];
  captures: Record<HostName, Uint8Array>;
  /** Absent where tcpdump never gave its counts: then nobody knows what it missed. */
  captureEnd: Partial<Record<HostName, CaptureEnd>>;
  ss: Record<HostName, string>;
  /** The kernel's counters, read with each sample. */
  counters: Record<HostName, string>;
  /** What `ss -E` told of the sockets that were destroyed. */
  destroyed: Record<HostName, string>;
  /** What strace wrote of the programs of a host that had any. */
  traces?: Partial<Record<HostName, string>>;
  /** True where no seal shows that this is all the run recorded: a crash, or a run from before there were seals. */
  isUnsealed?: boolean;
  /** What the readers of the files found missing. */
  gaps?: Gap[];
};

/** The records of a log and what could not be read of it. */
export type Log<R> = { records: R[]; gaps: Gap[] };

/** Read api.ndjson. */
export const readApiLog = (text: string): Log<ApiRecord> => readLines(text, 'api', apiRecord);

/** Read wire.ndjson. */
export const readWireLog = (text: string): Log<WireRecord> => readLines(text, 'wire', wireRecord);

const readLines = <R>(text: string, witness: 'api' | 'wire', schema: z.ZodType<R>): Log<R> => {
  const records: R[] = [];
  const damaged: number[] = [];
  const lines = text.split('\n');
  const last = lines.pop();
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const record = readRecord(line, schema);
    if (record) records.push(record);
    else damaged.push(index + 1);
  }
  const gaps: Gap[] = [];
  if (damaged.length > 0)
    gaps.push({
      witness,
      reason: `${damaged.length} of ${lines.length} lines of ${witness}.ndjson cannot be read, the first is line ${damaged[0]}`,
    });
  if (last !== '') gaps.push({ witness, reason: `${witness}.ndjson is cut short in line ${lines.length + 1}` });
  return { records, gaps };
};

const readRecord = <R>(line: string, schema: z.ZodType<R>): R | undefined => {
  try {
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
};

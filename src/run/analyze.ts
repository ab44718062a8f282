// From a run's folder to its timeline and verdicts, by the files alone. The run itself concludes in no other way.
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../experiment/experiment.ts';
import type { ApiRecord } from '../record/api-records.ts';
import type { Gap } from '../record/gap.ts';
import type { HostName } from '../record/hosts.ts';
import { buildTimeline } from '../timeline/build.ts';
import { type CaptureEnd, type Evidence, readApiLog, readWireLog } from '../timeline/evidence.ts';
import type { Timeline } from '../timeline/schema.ts';
import type { Environment, FindingResult } from '../verdict/schema.ts';
import { timersOfRun } from '../verdict/timers.ts';
import { judge } from '../verdict/verdict.ts';
import { fingerprintOf } from './fingerprint.ts';
import { journalFile, journalGaps } from './journal.ts';
import { planAgreement } from './plan-agreement.ts';
import { readRegularFile } from './read-file.ts';
import { type Plan, plan as planSchema } from './schema.ts';
import { readSeal, sealGaps } from './seal.ts';
import { countGaps } from './seal-counts.ts';

export type Analysis = { plan: Plan; timeline: Timeline; findings: FindingResult[]; environment: Environment };

/** Conclude from the evidence in a folder. Throws PlanError. */
export const analyze = (folder: string, definition: Experiment): Analysis => {
  const plan = readPlan(folder);
  const read = readEvidence(folder, plan);
  const timeline = buildTimeline(vouched(folder, read));
  return {
    plan,
    timeline,
    findings: judge(definition.findings, timeline),
    environment: {
      ...plan.environment,
      place: plan.place,
      wireMode: timeline.wireMode,
      sysctls: sysctlsSet(read.api),
      inherited: inheritedBy(read.api),
      timers: timersOfRun(timeline),
      pace: plan.pace,
      ...(plan.stepped && { stepped: plan.stepped }),
    },
  };
};

/** The timeline of a run that is still under way: what its folder holds by now. */
export const timelineSoFar = (folder: string, plan: Plan): Timeline =>
  buildTimeline(readEvidence(folder, plan).evidence);

/** Throws PlanError when plan.json cannot be read as one. */
export const readPlan = (folder: string): Plan => {
  const path = join(folder, 'plan.json');
  try {
    return planSchema.parse(JSON.parse(readRegularFile(path).toString()));
  } catch (error) {
    const { message, issues } = error as Error & { issues?: { path: PropertyKey[]; message: string }[] };
    const [first] = issues ?? [];
    throw new PlanError(
      `${path} is not the plan of a run: ${first ? `${first.path.join('.') || 'the whole'}: ${first.message}` : message}`,
    );
  }
};

export class PlanError extends Error {
  override name = 'PlanError';
}

/** Write JSON that a person can read: the whole or nothing, should this program be killed meanwhile. */
export const writeJson = (folder: string, name: string, value: unknown): void => {
  const file = join(folder, name);
  writeFileSync(`${file}.part`, `${JSON.stringify(value, null, 1)}\n`);
  renameSync(`${file}.part`, file);
};

type Read = { evidence: Evidence; api: ApiRecord[]; files: Map<string, Buffer> };

/** What the files of a folder hold. */
export const readEvidence = (folder: string, plan: Plan): Read => {
  const gaps: Gap[] = [];
  const files = new Map([['plan.json', readRegularFile(join(folder, 'plan.json'))]]);
  const read = (name: string, witness: Gap['witness'], host?: HostName): Buffer => {
    try {
      const content = readRegularFile(join(folder, name));
      files.set(name, content);
      return content;
    } catch (error) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const reason = isMissing ? `${name} is missing` : `${name} cannot be read: ${(error as Error).message}`;
      gaps.push({ witness, host, reason });
      return Buffer.alloc(0);
    }
  };
  const api = readApiLog(read('api.ndjson', 'api').toString());
  const wire = readWireLog(read('wire.ndjson', 'wire').toString());
  const captureEndOf = (host: HostName): CaptureEnd | undefined => {
    const record = api.records.find((one) => one.type === 'capture' && one.host === host) as
      | Extract<ApiRecord, { type: 'capture' }>
      | undefined;
    return record?.counts && { ...record.counts, asked: record.asked };
  };
  const evidence: Evidence = {
    plan: {
      experiment: plan.experiment,
      startedAt: plan.startedAt,
      clockStart: plan.clockStart,
      wireMode: plan.wireMode,
    },
    api: api.records,
    wire: wire.records,
    captures: { client: read('client.pcap', 'tcpdump', 'client'), server: read('server.pcap', 'tcpdump', 'server') },
    captureEnd: { client: captureEndOf('client'), server: captureEndOf('server') },
    ss: {
      client: read('ss-client.txt', 'ss', 'client').toString(),
      server: read('ss-server.txt', 'ss', 'server').toString(),
    },
    counters: {
      client: read('counters-client.ndjson', 'counters', 'client').toString(),
      server: read('counters-server.ndjson', 'counters', 'server').toString(),
    },
    destroyed: {
      client: read('ss-destroyed-client.txt', 'ss -E', 'client').toString(),
      server: read('ss-destroyed-server.txt', 'ss -E', 'server').toString(),
    },
    gaps: [
      ...gaps,
      ...api.gaps,
      ...wire.gaps,
      ...planAgreement(plan, fingerprintOf(files.get('plan.json') as Buffer).sha256, api.records),
    ],
  };
  return { evidence, api: api.records, files };
};

/** The evidence as far as journal and seal vouch for it. Without a seal nothing shows where the recording ended. */
const vouched = (folder: string, { evidence, files }: Read): Evidence => {
  const seal = readSeal(folder);
  const gaps = [...brokenSeal(folder, seal, { evidence, files }), ...brokenJournal(folder, files)];
  return { ...evidence, isUnsealed: seal === undefined, gaps: [...gaps, ...(evidence.gaps ?? [])] };
};

const brokenSeal = (
  folder: string,
  seal: ReturnType<typeof readSeal>,
  { evidence, files }: Omit<Read, 'api'>,
): Gap[] => {
  if (seal === undefined) return [];
  if (typeof seal === 'string') return [{ witness: 'seal', reason: seal }];
  return [...sealGaps(folder, seal, files.keys()), ...countGaps(seal, evidence)];
};

const brokenJournal = (folder: string, files: Map<string, Buffer>): Gap[] => {
  const path = join(folder, journalFile);
  const unproved = (is: string): Gap[] => [
    { witness: 'seal', reason: `${journalFile} ${is}, so that nothing shows what the run recorded` },
  ];
  if (!existsSync(path)) return unproved('is missing');
  try {
    return journalGaps(readRegularFile(path).toString(), files);
  } catch (error) {
    return unproved(`cannot be read (${(error as Error).message})`);
  }
};

/** The sysctls that the place or the run set to something else than they were, with the first value they had. */
const sysctlsSet = (api: ApiRecord[]): Environment['sysctls'] => {
  const set = new Map<string, Environment['sysctls'][number]>();
  const inherited = new Map(inheritedBy(api).map((one) => [`${one.host} ${one.name}`, one.default]));
  for (const record of api) {
    if (record.type === 'setting' && !record.inherited) {
      const { host, name, value } = record;
      set.set(`${host} ${name}`, { host, name, value, default: record.default });
    }
    if (record.type !== 'call' || record.api !== 'sysctl' || record.args.length < 2) continue;
    const back = api.find((one) => one.type === 'return' && one.call === record.call) as
      | Extract<ApiRecord, { type: 'return' }>
      | undefined;
    const { before, after } = (back?.value ?? {}) as { before?: string; after?: string };
    if (before === undefined || after === undefined) continue;
    const name = String(record.args[0]);
    const key = `${record.host} ${name}`;
    const first = set.get(key)?.default ?? inherited.get(key) ?? before;
    if (first === after) set.delete(key);
    else set.set(key, { host: record.host, name, value: after, default: first });
  }
  return [...set.values()];
};

/** What the hosts had from the machine. */
const inheritedBy = (api: ApiRecord[]): Environment['sysctls'] =>
  api.flatMap((record) => {
    if (record.type !== 'setting' || !record.inherited) return [];
    const { host, name, value } = record;
    return [{ host, name, value, default: record.default }];
  });

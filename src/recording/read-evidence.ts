// Reads the evidence of a run back from its folder, whatever its state.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiRecord } from '../record/api-records.ts';
import type { Gap } from '../record/gap.ts';
import { type HostName, hostsOfLab, perHost } from '../record/hosts.ts';
import { errorCodeOf, messageOf } from '../record/thrown.ts';
import { traceFile } from '../record/trace-file.ts';
import { type CaptureEnd, type Evidence, readApiLog, readWireLog } from '../timeline/evidence.ts';
import { fingerprintOf } from './fingerprint.ts';
import { journalFile, journalGaps } from './journal.ts';
import { planAgreement } from './plan-agreement.ts';
import { readRegularFile } from './read-file.ts';
import type { Plan } from './schema.ts';
import { readSeal, sealGaps } from './seal.ts';
import { countGaps } from './seal-counts.ts';

type Read = { evidence: Evidence; files: Map<string, Buffer> };

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
      const isMissing = errorCodeOf(error) === 'ENOENT';
      const reason = isMissing ? `${name} is missing` : `${name} cannot be read: ${messageOf(error)}`;
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
  const hosts = hostsOfLab(plan);
  const evidence: Evidence = {
    plan: {
      experiment: plan.experiment,
      startedAt: plan.startedAt,
      clockStart: plan.clockStart,
      wireMode: plan.wireMode,
      ...(plan.oneHost && { oneHost: plan.oneHost }),
    },
    api: api.records,
    wire: wire.records,
    captures: perHost((host) => read(`${host}.pcap`, 'tcpdump', host), hosts),
    captureEnd: perHost(captureEndOf, hosts),
    ss: perHost((host) => read(`ss-${host}.txt`, 'ss', host).toString(), hosts),
    counters: perHost((host) => read(`counters-${host}.ndjson`, 'counters', host).toString(), hosts),
    destroyed: perHost((host) => read(`ss-destroyed-${host}.txt`, 'ss -E', host).toString(), hosts),
    traces: Object.fromEntries(
      hosts
        .filter((host) => existsSync(join(folder, traceFile(host))))
        .map((host) => [host, read(traceFile(host), 'strace', host).toString('latin1')]),
    ),
    gaps: [
      ...gaps,
      ...api.gaps,
      ...wire.gaps,
      ...planAgreement(plan, fingerprintOf(files.get('plan.json') as Buffer).sha256, api.records),
    ],
  };
  return { evidence, files };
};

/**
 * The evidence, with a gap for whatever journal and seal do not vouch for. Without a seal nothing shows where the
 * recording ended.
 */
export const readVouched = (folder: string, plan: Plan): Evidence => {
  const { evidence, files } = readEvidence(folder, plan);
  const seal = readSeal(folder);
  const gaps = [...brokenSeal(folder, seal, { evidence, files }), ...brokenJournal(folder, files)];
  return { ...evidence, isUnsealed: seal === undefined, gaps: [...gaps, ...(evidence.gaps ?? [])] };
};

const brokenSeal = (folder: string, seal: ReturnType<typeof readSeal>, { evidence, files }: Read): Gap[] => {
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
    return unproved(`cannot be read (${messageOf(error)})`);
  }
};

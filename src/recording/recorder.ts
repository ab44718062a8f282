// Writes a run's evidence as it comes, synchronously: what was recorded before a crash stays recorded.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiRecord } from '../record/api-records.ts';
import { type HostName, hostsOfLab, perHost } from '../record/hosts.ts';
import { traceFile } from '../record/trace-file.ts';
import type { WireRecord } from '../record/wire-records.ts';
import type { RawSample } from '../witness/ss.ts';
import { openJournal } from './journal.ts';
import type { Seal } from './schema.ts';

/** A record a script can wait for. */
export type Report = Extract<ApiRecord, { type: 'emit' | 'output' | 'process' }>;

export type Recorder = ReturnType<typeof openRecorder>;

/** Open the evidence files in a run's folder, which holds its plan. */
export const openRecorder = (folder: string) => {
  const planned = readFileSync(join(folder, 'plan.json'));
  const hosts = hostsOfLab(JSON.parse(planned.toString()));
  const journal = openJournal(folder, planned);
  const create = (name: string): EvidenceFile => ({ name, descriptor: openSync(join(folder, name), 'w') });
  const files = {
    api: create('api.ndjson'),
    wire: create('wire.ndjson'),
  };
  const filesOf = perHost(
    (host) => ({
      pcap: create(`${host}.pcap`),
      ss: create(`ss-${host}.txt`),
      destroyed: create(`ss-destroyed-${host}.txt`),
      counters: create(`counters-${host}.ndjson`),
    }),
    hosts,
  );
  /** Most runs have none. */
  const traces: Partial<Record<HostName, EvidenceFile>> = {};
  const packets = perHost(packetCounter, hosts);
  const expected = perHost(() => 0, hosts);
  const samples = perHost(() => 0, hosts);
  const records = { api: 0, wire: 0, deliveries: 0 };
  const captured = perHost((): number | null => null, hosts);
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  /** A full disk ends the run, not the program: it is told through `failed`. */
  const write = ({ name, descriptor }: EvidenceFile, data: string | Buffer) => {
    if (!open) return; // the number of a closed file is soon another file's
    try {
      if (typeof data === 'string') writeSync(descriptor, data);
      else writeSync(descriptor, data);
      journal.add(name, data);
    } catch (error) {
      failure.reject(error);
    }
  };
  let open = true;
  const listeners = new Set<(record: ApiRecord) => void>();
  const reports: Report[] = [];

  return {
    /** Rejects when evidence could not be written. */
    failed: failure.promise,
    api: (record: ApiRecord) => {
      if (!open) return;
      write(files.api, `${JSON.stringify(record)}\n`);
      records.api++;
      if (record.type === 'capture') captured[record.host] = record.counts?.captured ?? null;
      if (record.type === 'emit' || record.type === 'output' || record.type === 'process') reports.push(record);
      for (const listener of [...listeners]) listener(record);
    },
    wire: (record: WireRecord) => {
      if (!open) return;
      write(files.wire, `${JSON.stringify(record)}\n`);
      records.wire++;
      if (record.type === 'read') expected[record.from]++;
      if (record.type === 'deliver') {
        expected[record.to]++;
        records.deliveries++;
      }
    },
    pcap: (host: HostName, bytes: Buffer) => {
      write(filesOf[host].pcap, bytes);
      packets[host].add(bytes);
    },
    /** What strace wrote of the programs of a host, under headings of the agent's. */
    trace: (host: HostName, bytes: Buffer) => {
      if (!open) return;
      traces[host] ??= create(traceFile(host));
      write(traces[host], bytes);
    },
    /** What `ss -E` told, under headings of the sidecar's. */
    destroyed: (host: HostName, bytes: Buffer) => write(filesOf[host].destroyed, bytes),
    sample: (host: HostName, reason: string, { begin, end, realtime, exit, text, counters }: RawSample) => {
      if (!open) return;
      const number = ++samples[host];
      write(
        filesOf[host].ss,
        `# sample ${number} begin=${begin} end=${end} realtime=${realtime} exit=${exit} bytes=${Buffer.byteLength(text)} reason=${reason.replaceAll('\n', ' ')}\n${text}`,
      );
      write(filesOf[host].counters, `${JSON.stringify({ sample: number, ...counters })}\n`);
    },
    /** What is known of processes so far: events of their sockets, output, starts and ends. */
    reports: reports as readonly Report[],
    /** Call back with each API record until the returned function is called. */
    listen: (listener: (record: ApiRecord) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** What has been recorded so far. */
    counts: () => ({ api: records.api, wire: records.wire, samples: { ...samples } }),
    /** The same as a seal has it. */
    sealedCounts: (): Seal['counts'] => ({
      ...perHost((host) => ({ packets: captured[host], samples: samples[host] }), hosts),
      deliveries: records.deliveries,
      apiRecords: records.api,
      wireRecords: records.wire,
    }),
    /** Whether each capture holds every packet the wire took from the host and gave to it. */
    captured: (host: HostName) => packets[host].count() >= expected[host],
    /** What comes afterwards belongs to no run, and is not written. */
    close: () => {
      if (!open) return;
      open = false;
      const ofHosts = Object.values(filesOf).flatMap((own) => Object.values(own));
      for (const file of [...Object.values(files), ...ofHosts, ...Object.values(traces)]) closeSync(file.descriptor);
      journal.close();
    },
  };
};

type EvidenceFile = { name: string; descriptor: number };

/** Counts the packets of a pcap that arrives in pieces: 24 bytes of header, then 16 bytes and the packet each. */
const packetCounter = () => {
  let skip = 24;
  let header = Buffer.alloc(0);
  let packets = 0;
  return {
    count: () => packets,
    add: (bytes: Buffer) => {
      let rest = bytes;
      while (rest.length > 0) {
        if (skip > 0) {
          const skipped = Math.min(skip, rest.length);
          skip -= skipped;
          rest = rest.subarray(skipped);
          if (skip === 0 && header.length === 16) {
            packets++;
            header = Buffer.alloc(0);
          }
          continue;
        }
        const missing = 16 - header.length;
        header = Buffer.concat([header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (header.length === 16) skip = header.readUInt32LE(8);
      }
    },
  };
};

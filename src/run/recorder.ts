// Writes a run's evidence as it comes, synchronously: what was recorded before a crash stays recorded.
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiRecord, WireRecord } from '../control/records.ts';
import type { HostName } from '../timeline/schema.ts';
import type { RawSample } from '../witness/ss.ts';

/** A record a script can wait for. */
export type Told = Extract<ApiRecord, { type: 'emit' | 'output' }>;

export type Recorder = ReturnType<typeof openRecorder>;

/** Open the evidence files in a run's folder. */
export const openRecorder = (folder: string) => {
  const create = (name: string) => openSync(join(folder, name), 'w');
  const files = {
    api: create('api.ndjson'),
    wire: create('wire.ndjson'),
    client: { pcap: create('client.pcap'), ss: create('ss-client.txt'), destroyed: create('ss-destroyed-client.txt') },
    server: { pcap: create('server.pcap'), ss: create('ss-server.txt'), destroyed: create('ss-destroyed-server.txt') },
  };
  const packets = { client: packetCounter(), server: packetCounter() };
  const expected = { client: 0, server: 0 };
  const samples = { client: 0, server: 0 };
  const records = { api: 0, wire: 0 };
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => {});
  /** A full disk ends the run, not the program: it is told through `failed`. */
  const write = (file: number, data: string | Buffer) => {
    if (!open) return; // the number of a closed file is soon another file's
    try {
      if (typeof data === 'string') writeSync(file, data);
      else writeSync(file, data);
    } catch (error) {
      failure.reject(error);
    }
  };
  let open = true;
  const listeners = new Set<(record: ApiRecord) => void>();
  const told: Told[] = [];

  return {
    /** Rejects when evidence could not be written. */
    failed: failure.promise,
    api: (record: ApiRecord) => {
      if (!open) return;
      write(files.api, `${JSON.stringify(record)}\n`);
      records.api++;
      if (record.type === 'emit' || record.type === 'output') told.push(record);
      for (const listener of [...listeners]) listener(record);
    },
    wire: (record: WireRecord) => {
      write(files.wire, `${JSON.stringify(record)}\n`);
      records.wire++;
      if (record.type === 'read') expected[record.from]++;
      if (record.type === 'deliver') expected[record.to]++;
    },
    pcap: (host: HostName, bytes: Buffer) => {
      write(files[host].pcap, bytes);
      packets[host].add(bytes);
    },
    /** What `ss -E` told, under headings of the sidecar's. */
    destroyed: (host: HostName, bytes: Buffer) => write(files[host].destroyed, bytes),
    sample: (host: HostName, reason: string, { begin, end, realtime, exit, text }: RawSample) => {
      const number = ++samples[host];
      write(
        files[host].ss,
        `# sample ${number} begin=${begin} end=${end} realtime=${realtime} exit=${exit} bytes=${Buffer.byteLength(text)} reason=${reason.replaceAll('\n', ' ')}\n${text}`,
      );
    },
    /** What processes have told so far: events of their sockets, and output. */
    told: told as readonly Told[],
    /** Call back with each API record until the returned function is called. */
    listen: (listener: (record: ApiRecord) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    /** What has been recorded so far. */
    counts: () => ({ ...records, samples: { ...samples } }),
    /** Whether each capture holds every packet the wire took from the host and gave to it. */
    captured: (host: HostName) => packets[host].count() >= expected[host],
    /** What comes afterwards belongs to no run, and is not written. */
    close: () => {
      if (!open) return;
      open = false;
      for (const file of [files.api, files.wire, ...Object.values(files.client), ...Object.values(files.server)])
        closeSync(file);
    },
  };
};

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

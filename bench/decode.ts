// How fast a capture becomes segments with connections and relative numbers, against tshark printing the like from the same file.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { trackConnections } from '../src/packet/connections.ts';
import { encodePcap, type PacketToWrite } from '../src/packet/encode-pcap.ts';
import { decodeFrame, encodeSegment } from '../src/packet/frame.ts';
import { nanosecondsBetween } from '../src/packet/instant.ts';
import { readPcap } from '../src/packet/pcap.ts';

export type DecodeBench = {
  /** Segments in the capture. */
  segments: number;
  /** Bytes of the file. */
  bytes: number;
  /** Median milliseconds from the file to segments with connections, options and relative numbers. */
  finwaitMs: number;
  /** Median milliseconds of `tshark -T fields`. */
  tsharkMs: number;
  /** How many times faster finwait is. */
  ratio: number;
};

/** Measure both on a generated capture. Throws when tshark is missing or the two count different segments. */
export const benchDecode = async (segments = 100_000): Promise<DecodeBench> => {
  const folder = await mkdtemp(join(tmpdir(), 'finwait-bench-'));
  try {
    const file = join(folder, 'generated.pcap');
    const bytes = generateCapture(segments);
    await writeFile(file, bytes);
    const finwait: number[] = [];
    const tshark: number[] = [];
    for (let round = 0; round < rounds; round++) {
      finwait.push(await timed(() => decodeFile(file)));
      tshark.push(await timed(() => askTshark(file)));
    }
    const [ours, theirs] = [await decodeFile(file), await askTshark(file)];
    if (ours !== theirs)
      throw new Error(`finwait counts ${ours} segments in the generated capture and tshark ${theirs}`);
    const [finwaitMs, tsharkMs] = [median(finwait), median(tshark)];
    return { segments: ours, bytes: bytes.length, finwaitMs, tsharkMs, ratio: tsharkMs / finwaitMs };
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** Connections one after another, each with a handshake, requests and answers of varied length, and a close. Always the same. */
export const generateCapture = (segments: number): Uint8Array => {
  const packets: PacketToWrite[] = [];
  const payload = new Uint8Array(1024).map((_, index) => 97 + (index % 26));
  for (let connection = 0; packets.length < segments; connection++) {
    const isn = { client: (connection * 2_654_435_761) >>> 0, server: (connection * 40_503 + 4_294_900_000) >>> 0 };
    const sent = { client: 0, server: 0 };
    const send = (from: 'client' | 'server', flags: string, length = 0) => {
      const to = from === 'client' ? 'server' : 'client';
      const frame = encodeSegment({
        ...endpoints(from, connection),
        seq: isn[from] + sent[from],
        ack: flags.includes('.') ? isn[to] + sent[to] : 0,
        flags,
        id: packets.length & 0xffff,
        options: flags.includes('S')
          ? openingOptions
          : { timestamps: { value: packets.length, echo: packets.length - 1 } },
        payload: payload.subarray(0, length),
      });
      packets.push({ ...timeOf(packets.length), data: frame });
      sent[from] += length + (/[SF]/.test(flags) ? 1 : 0);
    };
    send('client', 'S');
    send('server', 'S.');
    send('client', '.');
    for (let exchange = 0; exchange < 25; exchange++) {
      send('client', 'P.', 1 + ((exchange * 37 + connection) % 200));
      send('server', '.');
      send('server', 'P.', 1 + ((exchange * 101 + connection) % 1000));
      send('client', '.');
    }
    send('client', 'F.');
    send('server', 'F.');
    send('client', '.');
  }
  return encodePcap(packets);
};

const rounds = 5;

const openingOptions = { mss: 1460, sackPermitted: true, timestamps: { value: 1, echo: 0 }, windowScale: 7 } as const;

const endpoints = (from: 'client' | 'server', connection: number) => {
  const client = { address: '192.0.2.1', port: 32768 + (connection % 20000) };
  const server = { address: '192.0.2.2', port: 50000 };
  const [source, destination] = from === 'client' ? [client, server] : [server, client];
  return {
    sourceAddress: source.address,
    sourcePort: source.port,
    destinationAddress: destination.address,
    destinationPort: destination.port,
  };
};

const timeOf = (index: number) => ({
  seconds: 1_700_000_000 + Math.floor(index / 10_000),
  nanoseconds: (index % 10_000) * 100_000,
});

/** Reads what the timeline reads of each segment; gives the number of segments. */
const decodeFile = async (file: string): Promise<number> => {
  const { packets } = readPcap(await readFile(file));
  const tracker = trackConnections();
  const [first] = packets;
  if (!first) return 0;
  const rows = [];
  for (const packet of packets) {
    const segment = decodeFrame(packet.data);
    if (!segment) continue;
    const { connection, from, seq, ack } = tracker.place(segment);
    const { flags, length, window, options } = segment;
    const at = nanosecondsBetween(first, packet);
    rows.push({ at, connection: connection.number, from, flags, seq, ack, length, window, options });
  }
  return rows.length;
};

const askTshark = async (file: string): Promise<number> => {
  const fields = ['frame.time_epoch', 'ip.src', 'tcp.seq', 'tcp.ack', 'tcp.flags', 'tcp.len'];
  const { stdout } = await execa('tshark', ['-T', 'fields', ...fields.flatMap((field) => ['-e', field]), '-r', file], {
    maxBuffer: 1_000_000_000,
  });
  return stdout.split('\n').length;
};

const timed = async (action: () => Promise<unknown>): Promise<number> => {
  const begin = process.hrtime.bigint();
  await action();
  return Number(process.hrtime.bigint() - begin) / 1e6;
};

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

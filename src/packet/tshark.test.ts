// finwait's decoding against tshark's, field by field, on captures recorded from the kernel and on generated ones.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { trackConnections } from './connections.ts';
import { encodePcap } from './encode-pcap.ts';
import { RST } from './flags.ts';
import { decodeFrame, encodeSegment, fieldsOf } from './frame.ts';
import { encodeOptions } from './options.ts';
import { type Capture, type CapturedPacket, readPcap } from './pcap.ts';
import type { Segment } from './segment.ts';
import { segmentFields, segmentFields6 } from './segment-arbitrary.ts';

const folder = join(import.meta.dirname, 'fixtures');
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.pcap'));

beforeAll(async () => {
  const { failed } = await execa('tshark', ['--version'], { reject: false });
  if (failed) throw new Error('tshark is missing: install it with "apt-get install tshark" as root');
});

describe('captures recorded from the kernel', () => {
  test('are there', () => expect(fixtures.length).toBeGreaterThan(5));

  test.each(fixtures)('%s', async (name) => {
    const file = join(folder, name);
    const capture = readPcap(readFileSync(file));
    expect(capture.damage).toBeUndefined();
    expect(allRows(capture, 'relative')).toEqual(await tsharkRows(file, 'relative'));
  });

  test.each(fixtures)('%s is encoded again byte by byte', (name) => {
    for (const { data, originalLength } of readPcap(readFileSync(join(folder, name))).packets) {
      const segment = decodeFrame(data);
      if (segment && data.length === originalLength)
        expect(encodeSegment(fieldsOf(segment))).toEqual(new Uint8Array(data));
    }
  });
});

// Starting tshark may take long where both cores are busy.
describe('generated segments with any flags and options', { timeout: 120_000 }, () => {
  const compare = async (frames: Uint8Array[]) => {
    const packets = frames.map((data, index) => ({ seconds: 1_700_000_000, nanoseconds: index, data }));
    const scratch = await mkdtemp(join(tmpdir(), 'finwait-tshark-'));
    try {
      const file = join(scratch, 'generated.pcap');
      const bytes = encodePcap(packets);
      await writeFile(file, bytes);
      expect(allRows(readPcap(bytes), 'absolute')).toEqual(await tsharkRows(file, 'absolute'));
    } finally {
      await rm(scratch, { recursive: true });
    }
  };

  // One host each, and a connection per segment: relative numbers are not what this compares.
  test('over IPv4', () =>
    compare(
      fc.sample(segmentFields, { numRuns: 400, seed: 1 }).map((one, index) =>
        encodeSegment({
          ...one,
          sourceAddress: '192.0.2.1',
          destinationAddress: '192.0.2.2',
          sourcePort: 40000 + index,
          destinationPort: 50000,
          ipOptions: new Uint8Array(0),
          tcpChecksum: index % 5 === 0 ? 'wrong' : 'right',
          ipChecksum: index % 7 === 0 ? 'wrong' : 'right',
        }),
      ),
    ));

  test('over IPv6', () =>
    compare(
      fc.sample(segmentFields6, { numRuns: 400, seed: 1 }).map((one, index) =>
        encodeSegment({
          ...one,
          sourcePort: 40000 + index,
          destinationPort: 50000,
          tcpChecksum: index % 5 === 0 ? 'wrong' : 'right',
        }),
      ),
    ));
});

type Numbers = 'relative' | 'absolute';

const allRows = ({ packets }: Capture, numbers: Numbers) => {
  const tracker = trackConnections();
  return packets.flatMap((packet) => {
    const segment = decodeFrame(packet.data);
    return segment ? [ownRow(packet, segment, tracker.place(segment), numbers)] : [];
  });
};

const ownRow = (
  packet: CapturedPacket,
  segment: Segment,
  placed: ReturnType<ReturnType<typeof trackConnections>['place']>,
  numbers: Numbers,
) => {
  const { options } = segment;
  const isnOfReceiver = placed.connection.isn[placed.from === 'client' ? 'server' : 'client'] ?? 0;
  const edge = (value: number) => (numbers === 'relative' ? (value - isnOfReceiver) >>> 0 : value);
  return {
    number: packet.index,
    time: `${packet.seconds}.${String(packet.nanoseconds).padStart(9, '0')}`,
    captured: packet.data.length,
    frameLength: packet.originalLength,
    sourceMac: segment.sourceMac,
    destinationMac: segment.destinationMac,
    sourceAddress: segment.sourceAddress,
    destinationAddress: segment.destinationAddress,
    tos: segment.tos,
    totalLength: segment.totalLength,
    ttl: segment.ttl,
    ...(segment.version === 6
      ? { flowLabel: segment.flowLabel }
      : {
          id: segment.id,
          dontFragment: segment.dontFragment,
          moreFragments: segment.moreFragments,
          ipChecksum: segment.ipChecksum,
          ipChecksumOk: segment.ipChecksumOk,
        }),
    sourcePort: segment.sourcePort,
    destinationPort: segment.destinationPort,
    seq: segment.seq,
    ack: segment.ack,
    ...(numbers === 'relative' && {
      connection: placed.connection.number,
      // Wireshark counts the zero in the answer of a closed port as 1, as if a SYN had gone before.
      relativeSeq: segment.seq === 0 && segment.flagBits & RST ? placed.seq + 1 : placed.seq,
      relativeAck: placed.ack,
    }),
    flags: (segment.reserved << 8) | segment.flagBits,
    length: segment.length,
    window: segment.window,
    tcpChecksum: segment.tcpChecksum,
    tcpChecksumOk: segment.complete ? segment.tcpChecksumOk : 'unverified',
    urgent: segment.urgent,
    optionBytes: hexadecimal(encodeOptions(segment.optionList)),
    mss: options.mss,
    windowScale: options.windowScale,
    sackPermitted: options.sackPermitted ?? false,
    sackLeft: (options.sack ?? []).map(([left]) => edge(left)),
    sackRight: (options.sack ?? []).map(([, right]) => edge(right)),
    timestamps: options.timestamps,
    // Wireshark takes the payload of a RST for the reason of it, in words (RFC 1122, section 4.2.2.12).
    payload: segment.flagBits & RST ? '' : hexadecimal(segment.payload),
  };
};

type Layer = Record<string, unknown>;
type Layers = { frame: Layer; eth: Layer; ip?: Layer; ipv6?: Layer; tcp: Layer };

const tsharkRows = async (file: string, numbers: Numbers) => {
  const preferences = [
    'ip.check_checksum:TRUE',
    'ip.defragment:FALSE',
    'tcp.check_checksum:TRUE',
    `tcp.relative_sequence_numbers:${numbers === 'relative' ? 'TRUE' : 'FALSE'}`,
  ];
  const layers = ['-T', 'json', '--no-duplicate-keys', '-J', 'frame eth ip ipv6 tcp', '-Y', 'tcp && !icmp && !icmpv6'];
  const settings = preferences.flatMap((preference) => ['-o', preference]);
  const { stdout } = await execa('tshark', ['-r', file, ...layers, ...settings], { maxBuffer: 100_000_000 });
  const packets = JSON.parse(stdout) as { _source: { layers: Layers } }[];
  return packets.map(({ _source: { layers: found } }) => tsharkRow(found, numbers));
};

const tsharkRow = ({ frame, eth, ip, ipv6, tcp }: Layers, numbers: Numbers) => {
  const options = (tcp['tcp.options_tree'] ?? {}) as Layer;
  const option = (name: string) => (options[`tcp.options.${name}_tree`] ?? {}) as Layer;
  const timestamps = option('timestamp');
  return {
    number: Number(frame['frame.number']),
    time: frame['frame.time_epoch'],
    captured: Number(frame['frame.cap_len']),
    frameLength: Number(frame['frame.len']),
    sourceMac: eth['eth.src'],
    destinationMac: eth['eth.dst'],
    ...(ip ? rowOfIpv4(ip) : rowOfIpv6(ipv6 ?? {})),
    sourcePort: Number(tcp['tcp.srcport']),
    destinationPort: Number(tcp['tcp.dstport']),
    seq: Number(tcp['tcp.seq_raw']),
    ack: Number(tcp['tcp.ack_raw']),
    ...(numbers === 'relative' && {
      connection: Number(tcp['tcp.stream']),
      relativeSeq: Number(tcp['tcp.seq']),
      relativeAck: Number(tcp['tcp.ack']),
    }),
    flags: Number(tcp['tcp.flags']),
    length: Number(tcp['tcp.len']),
    window: Number(tcp['tcp.window_size_value']),
    tcpChecksum: Number(tcp['tcp.checksum']),
    tcpChecksumOk: checksumStatus[Number(tcp['tcp.checksum.status'])],
    urgent: Number(tcp['tcp.urgent_pointer']),
    optionBytes: String(tcp['tcp.options'] ?? '').replaceAll(':', ''),
    mss: optionalNumber(option('mss')['tcp.options.mss_val']),
    windowScale: optionalNumber(option('wscale')['tcp.options.wscale.shift']),
    sackPermitted: 'tcp.options.sack_perm' in options,
    sackLeft: numberList(option('sack')['tcp.options.sack_le']),
    sackRight: numberList(option('sack')['tcp.options.sack_re']),
    timestamps:
      'tcp.options.timestamp' in options
        ? {
            value: Number(timestamps['tcp.options.timestamp.tsval']),
            echo: Number(timestamps['tcp.options.timestamp.tsecr']),
          }
        : undefined,
    payload: String(tcp['tcp.payload'] ?? '').replaceAll(':', ''),
  };
};

const rowOfIpv4 = (ip: Layer) => {
  const flags = ip['ip.flags_tree'] as Layer;
  return {
    sourceAddress: ip['ip.src'],
    destinationAddress: ip['ip.dst'],
    tos: Number(ip['ip.dsfield']),
    totalLength: Number(ip['ip.len']),
    id: Number(ip['ip.id']),
    dontFragment: flags['ip.flags.df'] === '1',
    moreFragments: flags['ip.flags.mf'] === '1',
    ttl: Number(ip['ip.ttl']),
    ipChecksum: Number(ip['ip.checksum']),
    ipChecksumOk: checksumStatus[Number(ip['ip.checksum.status'])],
  };
};

const rowOfIpv6 = (ip: Layer) => ({
  sourceAddress: ip['ipv6.src'],
  destinationAddress: ip['ipv6.dst'],
  tos: Number(ip['ipv6.tclass']),
  totalLength: Number(ip['ipv6.plen']) + 40,
  flowLabel: Number(ip['ipv6.flow']),
  ttl: Number(ip['ipv6.hlim']),
});

/** Wireshark's words for it are bad, good and unverified. */
const checksumStatus = [false, true, 'unverified'];

const optionalNumber = (value: unknown) => (value === undefined ? undefined : Number(value));

const numberList = (value: unknown) => (value === undefined ? [] : [value].flat().map(Number));

const hexadecimal = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

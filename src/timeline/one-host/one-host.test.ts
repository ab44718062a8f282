import { expect, test } from 'vitest';
import { encodeSegment } from '../../packet/frame.ts';
import { Segment } from '../../packet/segment.ts';
import type { SocketRow } from '../../record/samples.ts';
import { parseRow } from '../reading/ss.ts';
import { findEnds } from './ends.ts';
import { splitCapture } from './split-capture.ts';
import { splitDestroyed, splitSamples } from './split-sockets.ts';

const at = (port: number, address = '127.0.0.1') => ({ address, port });
const segment = (flags: string, from: number, to: number) =>
  new Segment(
    encodeSegment({
      ...{ sourceAddress: '127.0.0.1', destinationAddress: '127.0.0.1', flags },
      ...{ sourcePort: from, destinationPort: to },
    }),
  );
const row = (text: string) => parseRow(text) as SocketRow;
const listener = row('LISTEN 0 511 127.0.0.1:9000 0.0.0.0:* ino:1 sk:1');

test('whoever sent the SYN is the client, whatever the ports', () => {
  const ends = findEnds([segment('S', 80, 50_000), segment('S.', 50_000, 80)], []);
  expect([ends.at(at(80), at(50_000)), ends.at(at(50_000), at(80))]).toEqual(['client', 'server']);
  expect(findEnds([segment('S.', 50_000, 80)], []).at(at(80), at(50_000))).toBe('client');
});

test('of SYNs that cross the first opens', () => {
  const ends = findEnds([segment('S', 1000, 2000), segment('S', 2000, 1000)], []);
  expect([ends.at(at(1000), at(2000)), ends.at(at(2000), at(1000))]).toEqual(['client', 'server']);
});

test('without its SYN a connection is known by the listener, and a socket without a peer by its port', () => {
  const ends = findEnds([], [listener]);
  expect([ends.at(at(9000), at(40_000)), ends.at(at(40_000), at(9000))]).toEqual(['server', 'client']);
  expect([ends.at(at(9000)), ends.at(at(9001)), ends.at(undefined)]).toEqual(['server', 'client', 'client']);
});

const ends = findEnds([segment('S', 40_000, 9000)], [listener]);
const titled = (rows: string) => `State Recv-Q Send-Q Local Peer\n${rows}`;
const clients = 'ESTAB 0 0 127.0.0.1:40000 127.0.0.1:9000 ino:2 sk:2\n\t ts sack\n';
const servers =
  'LISTEN 0 511 127.0.0.1:9000 0.0.0.0:* ino:1 sk:1\n\t cubic\nESTAB 0 0 127.0.0.1:9000 127.0.0.1:40000 ino:3 sk:3\n';
const sample = (output: string, bytes = Buffer.byteLength(output)) =>
  `# sample 1 begin=1 end=2 realtime=5 exit=0 bytes=${bytes} reason=start\n${output}`;

test('a sample of each end has the rows of that end, and says how long it is', () => {
  const split = splitSamples(sample(titled(servers + clients)) + sample(titled(clients)), ends);
  expect(split.client).toBe(sample(titled(clients)) + sample(titled(clients)));
  expect(split.server).toBe(sample(titled(servers)) + sample(titled('')));
});

test('what cannot be read stays at both ends, and so does a sample that was cut', () => {
  const strange = sample(titled(`${clients}what is this\n`));
  expect(splitSamples(strange, ends)).toEqual({ client: strange, server: sample(titled('what is this\n')) });
  const cut = sample(titled(clients + servers), 9999);
  expect(splitSamples(cut, ends)).toEqual({ client: cut, server: cut });
});

test('a packet that was cut within its link addresses is no reason to fail', () => {
  const packet = { index: 1, seconds: 0, nanoseconds: 0, originalLength: 60 };
  const file = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
  const { wire } = splitCapture(file, [{ ...packet, data: file.subarray(0, 8) }], ends, () => 5);
  expect(wire).toMatchObject([{ type: 'read', from: 'client', bytes: 60, head: { bytes: 8 } }, { type: 'deliver' }]);
});

test('reports of ends are parted as well', () => {
  const own = 'UNCONN 0 0 127.0.0.1:40000 127.0.0.1:9000 ino:0 sk:2\n';
  const other = 'UNCONN 0 0 127.0.0.1:9000 127.0.0.1:40000 ino:0 sk:3\n';
  const read = (output: string) => `# read t=3 bytes=${output.length}\n${output}`;
  const split = splitDestroyed(`# listening t=1\n${read(own + other)}# end t=9 drops=0\n`, ends);
  expect(split.client).toBe(`# listening t=1\n${read(own)}# end t=9 drops=0\n`);
  expect(split.server).toBe(`# listening t=1\n${read(other)}# end t=9 drops=0\n`);
});

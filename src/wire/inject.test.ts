import { expect, test } from 'vitest';
import { decodeFrame, encodeSegment } from '../packet/frame.ts';
import { twoHosts } from '../record/hosts.ts';
import { makeFrame } from './inject.ts';
import { createReader } from './segment.ts';

const ports = { client: 40_000, server: 80 };
const frame = (from: 'client' | 'server', seq: number, ack: number, flags: string) => {
  const to = from === 'client' ? 'server' : 'client';
  return encodeSegment({
    sourceMac: '02:00:00:00:00:01',
    destinationMac: '02:00:00:00:00:02',
    sourceAddress: from === 'client' ? '192.0.2.1' : '192.0.2.2',
    destinationAddress: to === 'client' ? '192.0.2.1' : '192.0.2.2',
    sourcePort: ports[from],
    destinationPort: ports[to],
    seq,
    ack,
    flags,
  });
};
const opened = () => {
  const reader = createReader();
  reader.read(frame('client', 1000, 0, 'S'), 1);
  reader.read(frame('server', 5000, 1001, 'S.'), 2);
  reader.read(frame('client', 1001, 5001, '.'), 3);
  return reader;
};

test('a SYN that the script made and nobody answered is not what later segments are counted from', () => {
  const reader = opened();
  const syn = makeFrame({ from: 'client', flags: 'S', seq: 5 }, reader, twoHosts).bytes;
  expect(decodeFrame(syn)).toMatchObject({ seq: 1005 });
  reader.read(syn, 4, true);
  const data = makeFrame({ from: 'client', flags: 'P.', seq: 1, ack: 1, payload: 'evil' }, reader, twoHosts).bytes;
  expect(decodeFrame(data)).toMatchObject({ seq: 1001, ack: 5001 });
});

test('one that was answered is', () => {
  const reader = opened();
  reader.read(frame('client', 9000, 0, 'S'), 4, true);
  reader.read(frame('server', 7000, 9001, 'S.'), 5);
  const ack = makeFrame({ from: 'client', flags: '.', seq: 1, ack: 1 }, reader, twoHosts).bytes;
  expect(decodeFrame(ack)).toMatchObject({ seq: 9001, ack: 7001 });
});

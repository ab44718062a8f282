import { expect, test } from 'vitest';
import { buildTimeline } from '../../timeline/build.ts';
import { both, startRecording } from '../../timeline/fixtures/recording.ts';
import type { Timeline } from '../../timeline/schema.ts';
import { offTimelineWords } from './off-timeline.ts';

const words = (offTimeline: Timeline['offTimeline']) =>
  offTimelineWords({ offTimeline, events: [], connections: [] } as Partial<Timeline> as Timeline);

test('frames by network and protocol, in one sentence', () => {
  const frames = [
    { network: 'ARP', count: 1 },
    { network: 'IPv4', protocol: 'UDP', count: 2 },
    { network: 'IPv6', protocol: 'ICMPv6', count: 10 },
    { network: 'IPv6', protocol: 'UDP', count: 1 },
  ];
  expect(words({ frames, loopback: [] })).toEqual([
    '1 frame of ARP, 2 frames over IPv4 (UDP) and 11 frames over IPv6 (10 ICMPv6, 1 UDP) are in the captures and not on this timeline, which shows TCP.',
  ]);
  expect(words({ frames: frames.slice(0, 1), loopback: [] })[0]).toMatch(/^1 frame of ARP is in the captures/);
});

test('connections of a host with itself', () => {
  expect(words({ frames: [], loopback: [{ host: 'client', connections: 2 }] })).toEqual([
    '2 connections of the client with itself crossed no wire: ss shows the sockets, the segments of loopback are not captured.',
  ]);
  expect(words(undefined)).toEqual([]);
});

/** Two connections in free run; ss looks before and after the second SYN was answered. */
const twoInFreeRun = () => {
  const recording = startRecording();
  const { send, sample } = recording;
  const ports: [number, number] = [40000, 50000];
  sample(both());
  for (const port of [40001, 40000]) {
    ports[0] = port;
    send('client', { flags: 'S', ports: [...ports] });
    send('server', { flags: 'S.', ack: 1, ports: [...ports] });
    send('client', { flags: '.', seq: 1, ack: 1, ports: [...ports] });
  }
  sample(both('ESTAB', 'ESTAB'));
  send('client', { flags: 'S', ports: [40002, 50001] });
  send('server', { flags: 'R.', ack: 1, absolute: true, ports: [40002, 50001] });
  return buildTimeline(recording.end());
};

test('an end that no sample shows, unless it only refused', () => {
  expect(offTimelineWords(twoInFreeRun())).toEqual([
    'ss never saw a socket of connections 0 and 2 at the client: their states there are not known.',
    'ss never saw a socket of connection 0 at the server: its states there are not known.',
  ]);
});

import { expect, test } from 'vitest';
import type { Timeline } from '../../timeline/schema.ts';
import { offTimelineWords } from './off-timeline.ts';

const words = (offTimeline: Timeline['offTimeline']) => offTimelineWords({ offTimeline } as Timeline);

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

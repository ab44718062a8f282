// The record of a host that talks to itself, as two hosts would have left it: the end that connects and the end that is
// connected to. What is read from it then is what is read from any record. The host is the client; a lab's other host
// has no part in such a run.
import { decodeFrame } from '../../packet/frame.ts';
import { readPcap } from '../../packet/pcap.ts';
import { perHost, twoHosts } from '../../record/hosts.ts';
import type { Evidence } from '../evidence.ts';
import { makeClock } from '../reading/clock.ts';
import { readDestroyed } from '../reading/destroyed.ts';
import { parseSamples } from '../reading/samples.ts';
import type { SegmentEvent } from '../schema.ts';
import { type Ends, findEnds } from './ends.ts';
import { splitCapture } from './split-capture.ts';
import { splitDestroyed, splitSamples } from './split-sockets.ts';

/** The evidence by ends; its calls and its traces are the host's. */
export const splitOneHost = (evidence: Evidence): { evidence: Evidence; ends: Ends } => {
  const { api, captures, captureEnd, ss, counters, destroyed } = evidence;
  const { samples } = parseSamples('client', ss.client);
  const { reports } = readDestroyed(destroyed);
  const { packets } = readPcap(captures.client);
  const segments = packets.flatMap(({ data }) => decodeFrame(data) ?? []);
  const ends = findEnds(segments, [...samples.flatMap(({ rows }) => rows), ...reports.map(({ row }) => row)]);
  const none = { sent: { copies: new Map() }, received: { copies: new Map() } };
  const atEach = <T>(value: T) => perHost(() => value, twoHosts);
  const clock = makeClock(0, samples, atEach(none));
  const capture = splitCapture(captures.client, packets, ends, ({ seconds, nanoseconds }) =>
    clock.fromCapture(seconds, nanoseconds),
  );
  const split: Evidence = {
    ...evidence,
    api: api.map(withOwnCounts),
    wire: capture.wire,
    captures: atEach(capture.file),
    captureEnd: atEach(captureEnd.client),
    ss: splitSamples(ss.client, ends),
    counters: atEach(counters.client),
    destroyed: splitDestroyed(destroyed.client, ends),
  };
  return { evidence: split, ends };
};

/** Of what was counted at the end of the run, what is counted here: the host's samples, and no frames of a wire. */
const withOwnCounts = (record: Evidence['api'][number]): Evidence['api'][number] =>
  record.type === 'end' && record.counts
    ? {
        ...record,
        counts: { ...record.counts, wire: 0, samples: perHost(() => record.counts?.samples.client ?? 0, twoHosts) },
      }
    : record;

/** There is one capture, and over a loopback device nobody makes a checksum (NETIF_F_HW_CSUM, drivers/net/loopback.c). */
export const seenOnce = (event: SegmentEvent): void => {
  const { client, server } = event.packet;
  const index = client ?? server;
  event.packet = index === undefined ? {} : { client: index };
  delete event.checksumOk;
};

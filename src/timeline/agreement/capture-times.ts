// The times of the captures against each other and against the wire's log. They prove which capture is which host's: a
// segment leaves its sender before the wire has read it, and reaches its receiver while the wire delivers it.

import type { CapturedPacket } from '../../packet/pcap.ts';
import type { Gap } from '../../record/gap.ts';
import { type HostName, hostsIn } from '../../record/hosts.ts';
import type { HostCapture } from '../reading/captures.ts';
import type { Clock } from '../reading/clock.ts';
import { count } from './count.ts';

/** How far a captured time may lie outside of what the wire's log allows. Undisturbed runs stay within it by 5 µs and more. */
const toleranceNanoseconds = 1e6;
/** The longest a frame lies unread at its sender's end of the wire, on a machine that is not stuck. */
const unreadNanoseconds = 500e6;

/** On one host a segment is captured once, as it passes. */
export const captureTimes = (captures: Record<HostName, HostCapture>, clock: Clock, isOneHost = false): Gap[] => [
  ...(isOneHost ? [] : sentAfterReceived(captures, clock)),
  ...hostsIn(captures).flatMap((host) => againstTheWire(host, captures[host], clock)),
  ...hostsIn(captures).flatMap((host) => backwards(host, captures[host], clock)),
];

/** Both captures are stamped by one clock, so that nothing but the order of things decides: no tolerance is needed. */
const sentAfterReceived = (captures: Record<HostName, HostCapture>, clock: Clock): Gap[] => {
  const wrong = hostsIn(captures).flatMap((host) =>
    [...captures[host].sent.copies].filter(([frame, sent]) => {
      const copy = frame.delivered && captures[frame.delivered.to].received.copies.get(frame);
      return copy && timeOf(copy, clock) <= timeOf(sent, clock);
    }),
  );
  if (wrong.length === 0) return [];
  return [
    {
      witness: 'tcpdump',
      reason: `the captures show ${count(wrong.length, 'segment')} arriving before being sent: ${filesOf(captures)} are exchanged, or not of one run`,
    },
  ];
};

/** `client.pcap and server.pcap`. */
const filesOf = (captures: Record<HostName, HostCapture>): string =>
  hostsIn(captures)
    .map((host) => `${host}.pcap`)
    .join(' and ');

const againstTheWire = (host: HostName, { sent, received }: HostCapture, clock: Clock): Gap[] => {
  const unread = [...sent.copies].map(([{ at }, packet]) => clock.fromMonotonic(at) - timeOf(packet, clock));
  const longest = unread.reduce((most, lasted) => Math.max(most, lasted), 0);
  const wrong = [
    ...unread.filter((lasted) => lasted < -toleranceNanoseconds),
    ...[...received.copies].filter(([{ delivered }, packet]) => {
      if (!delivered) return false;
      const time = timeOf(packet, clock);
      const [from, to] = [clock.fromMonotonic(delivered.t), clock.fromMonotonic(delivered.done)];
      return time < from - toleranceNanoseconds || time > to + toleranceNanoseconds;
    }),
  ];
  const times = `the times of ${count(wrong.length, 'packet')} of ${host}.pcap are not those at which the wire took or gave them`;
  const late = `a frame lay unread for ${Math.round(longest / 1e6)} ms before the wire took it, if the times of ${host}.pcap are right`;
  const gaps: Gap[] = [];
  if (wrong.length > 0) gaps.push({ witness: 'tcpdump', host, reason: times });
  if (longest > unreadNanoseconds) gaps.push({ witness: 'tcpdump', host, reason: late, code: 'machine-too-slow' });
  return gaps;
};

/** tcpdump writes packets in the order in which they passed. */
const backwards = (host: HostName, { sent, received }: HostCapture, clock: Clock): Gap[] => {
  const packets = [sent, received].flatMap(({ copies, strange }) => [...copies.values(), ...strange]);
  const times = packets.sort((a, b) => a.index - b.index).map((packet) => timeOf(packet, clock));
  const wrong = times.filter((time, index) => time < (times[index - 1] ?? time) - toleranceNanoseconds);
  if (wrong.length === 0) return [];
  return [
    {
      witness: 'tcpdump',
      host,
      reason: `the times in ${host}.pcap go backwards at ${count(wrong.length, 'packet')}`,
    },
  ];
};

const timeOf = ({ seconds, nanoseconds }: CapturedPacket, clock: Clock): number =>
  clock.fromCapture(seconds, nanoseconds);

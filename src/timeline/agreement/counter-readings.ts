// The kernel's counters and the reports of destroyed sockets against the other witnesses of their host: a reading is
// taken while ss runs, a host has no socket of the other's address, and what its TCP has received and reset is in its
// capture.

import type { ApiRecord } from '../../record/api-records.ts';
import type { Gap } from '../../record/gap.ts';
import { addressOf, type HostName, hostNames, hostsIn } from '../../record/hosts.ts';
import { destinationIn } from '../calls/connects.ts';
import type { CounterReadings } from '../reading/counters.ts';
import type { RecordedDestruction } from '../reading/destroyed.ts';
import type { RecordedSample } from '../reading/samples.ts';
import type { SegmentEvent } from '../schema.ts';
import { count } from './count.ts';

type Witnesses = {
  counted: CounterReadings;
  samples: readonly RecordedSample[];
  reports: readonly RecordedDestruction[];
  api: readonly ApiRecord[];
  segments: readonly SegmentEvent[];
  /** As in `Shown`: hosts whose link was taken down, or on which a program ran. */
  cutOff: ReadonlySet<HostName>;
  /** Both ends have the same addresses, and share the kernel that counts. */
  isOneHost?: boolean;
  /** Nanoseconds since the start of the run for a moment of CLOCK_MONOTONIC. */
  fromMonotonic(t: number): number;
};

export const counterReadings = (witnesses: Witnesses): Gap[] =>
  hostsIn(witnesses.counted.readings).flatMap((host) => [
    ...strayReadings(host, witnesses),
    ...(witnesses.isOneHost ? [] : strangers(host, witnesses)),
    ...(!witnesses.isOneHost && hasOnlyTheWire(host, witnesses) ? uncaptured(host, witnesses) : []),
  ]);

const strayReadings = (host: HostName, { counted, samples }: Witnesses): Gap[] => {
  const own = new Map(samples.filter((sample) => sample.host === host).map((sample) => [sample.number, sample]));
  const stray = counted.readings[host].filter(({ sample, begin, end }) => {
    const taken = own.get(sample);
    return taken !== undefined && !(taken.begin <= begin && begin <= end && end <= taken.end);
  });
  if (stray.length === 0) return [];
  const reason = `counters-${host}.ndjson holds ${count(stray.length, 'reading')} from outside of the samples of ss it was to be taken with`;
  return [{ witness: 'counters', host, reason }];
};

const strangers = (host: HostName, { reports }: Witnesses): Gap[] => {
  const others = addressesOfOthers(host);
  const stranger = reports.find((one) => one.host === host && others.includes(one.row.local.address));
  if (!stranger) return [];
  const reason = `ss-destroyed-${host}.txt reports a socket of ${stranger.row.local.address}, which is another host's address`;
  return [{ witness: 'ss -E', host, reason }];
};

const addressesOfOthers = (host: HostName): string[] =>
  hostNames.flatMap((other) => (other === host ? [] : [addressOf[other].ip, addressOf[other].ip6]));

/** Whether all TCP of the host went over the wire: its link was up, no program ran, and every connect() was to another host. */
const hasOnlyTheWire = (host: HostName, { api, samples, cutOff }: Witnesses): boolean => {
  const others = addressesOfOthers(host);
  const mayTalkToItself = api.some((one) => {
    if (one.type !== 'call' || one.host !== host || one.api !== 'connect') return false;
    const { address } = destinationIn(one.args);
    return address === undefined || !others.includes(address.toLowerCase());
  });
  const isSeenToDo = samples.some(
    (sample) =>
      sample.host === host && sample.rows.some(({ local, peer }) => peer.port > 0 && local.address === peer.address),
  );
  return !mayTalkToItself && !isSeenToDo && !cutOff.has(host);
};

/**
 * Between the first reading and the last before the capture's end began, the kernel has received no more segments, and
 * sent no more resets, than the capture holds.
 */
const uncaptured = (host: HostName, { counted, segments, api, fromMonotonic }: Witnesses): Gap[] => {
  const ending = api.find((one) => one.type === 'capture' && one.host === host);
  const until = (ending?.type === 'capture' && (ending.asked ?? ending.t)) || Number.POSITIVE_INFINITY;
  const first = counted.readings[host].at(0);
  const last = counted.readings[host].findLast(({ end }) => end <= until);
  if (!first || !last) return [];
  const [from, to] = [fromMonotonic(first.begin), fromMonotonic(last.end)];
  const isIn = (at: number | undefined) => at !== undefined && at >= from && at <= to;
  const rise = (name: string) =>
    counted.rises
      .filter((one) => one.host === host && one.name === name && one.to <= last.end)
      .reduce((sum, { by }) => sum + by, 0);
  const received = segments.filter((one) => one.to === host && isIn(one.receivedAt)).length;
  const resets = segments.filter((one) => one.from === host && isIn(one.sentAt) && one.flags.includes('R')).length;
  const compared = [
    ['received', 'segment', rise('Tcp.InSegs'), received],
    // One for which there was no memory, or no route, is counted twice (tcp_send_active_reset()).
    ['sent', 'reset', rise('Tcp.OutRsts') - rise('TcpExt.TCPAbortFailed'), resets],
  ] as const;
  return compared.flatMap(([did, what, kernel, captured]): Gap[] => {
    if (kernel <= captured) return [];
    const reason = `by its counters the ${host} has ${did} ${count(kernel, what)}, and ${host}.pcap holds ${captured}`;
    return [{ witness: 'tcpdump', host, reason }];
  });
};

// Evidence that no seal vouches for: each file may have gone on after its last record. What rests on an end, or on what
// never came, is unknown.

import type { Gap } from '../record/gap.ts';
import { hostsIn } from '../record/hosts.ts';
import type { Reading } from './agreement.ts';
import type { RecordedDestruction } from './reading/destroyed.ts';

type Recorded = Omit<Reading, 'log' | 'shown' | 'counted' | 'states'> & { reports: RecordedDestruction[] };

/** A gap for each file, from its last record on and open to the end; the whole run where it has none. */
export const openEnds = ({ evidence, captures, samples, reports, clock }: Recorded): Gap[] => {
  const gap = (witness: Gap['witness'], host: Gap['host'], file: string, times: number[]): Gap => {
    const from = times.reduce((last, time) => Math.max(last, time), Number.NEGATIVE_INFINITY);
    return {
      witness,
      host,
      reason: `the run has no seal: nothing shows that its last record in ${file} is the last it made`,
      ...(Number.isFinite(from) && { from }),
    };
  };
  const onClock = (records: { t: number }[]) => records.map(({ t }) => clock.fromMonotonic(t));
  return [
    gap('api', undefined, 'api.ndjson', onClock(evidence.api)),
    gap('wire', undefined, 'wire.ndjson', onClock(evidence.wire)),
    ...hostsIn(captures).flatMap((host) => {
      const packets = [captures[host].sent, captures[host].received].flatMap(({ copies, strange }) => [
        ...copies.values(),
        ...strange,
      ]);
      const captured = packets.map(({ seconds, nanoseconds }) => clock.fromCapture(seconds, nanoseconds));
      const looked = samples.filter((sample) => sample.host === host).map(({ end }) => clock.fromMonotonic(end));
      const destroyed = onClock(reports.filter((report) => report.host === host));
      return [
        gap('tcpdump', host, `${host}.pcap`, captured),
        gap('ss', host, `ss-${host}.txt`, looked),
        gap('counters', host, `counters-${host}.ndjson`, looked),
        gap('ss -E', host, `ss-destroyed-${host}.txt`, destroyed),
      ];
    }),
  ];
};

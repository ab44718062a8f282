// What the witnesses of a run counted while they recorded, and whether its files hold as much.

import type { Gap } from '../record/gap.ts';
import { hostsIn } from '../record/hosts.ts';
import type { Evidence } from '../timeline/evidence.ts';
import type { Seal } from './schema.ts';

/** A gap for each count that the evidence does not reach. */
export const countGaps = ({ counts }: Seal, evidence: Evidence): Gap[] => {
  const { api, wire, ss, captureEnd } = evidence;
  const samplesIn = (text: string) => text.match(/^# sample /gm)?.length ?? 0;
  const found: [file: string, what: string, is: number | null, was: number | null][] = [
    ['api.ndjson', 'records', api.length, counts.apiRecords],
    ['wire.ndjson', 'records', wire.length, counts.wireRecords],
    ['wire.ndjson', 'deliveries', wire.filter(({ type }) => type === 'deliver').length, counts.deliveries],
    ...hostsIn(ss).flatMap((host): typeof found => [
      [`ss-${host}.txt`, 'samples', samplesIn(ss[host]), counts[host].samples],
      [
        'api.ndjson',
        `packets tcpdump captured on the ${host}`,
        captureEnd[host]?.captured ?? null,
        counts[host].packets,
      ],
    ]),
  ];
  return found.flatMap(([file, what, is, was]): Gap[] =>
    is === was ? [] : [{ witness: 'seal', reason: `the run sealed ${was} ${what}, and ${file} shows ${is}` }],
  );
};

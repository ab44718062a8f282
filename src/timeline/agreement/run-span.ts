// Everything a run recorded lies within the run: between the start its plan states and the end its log states.

import type { Gap } from '../../record/gap.ts';
import { hostNames } from '../../record/hosts.ts';
import type { Evidence } from '../evidence.ts';
import type { RecordedSample } from '../reading/samples.ts';
import { count } from './count.ts';

/** While the lab is removed, frames and the ends of processes may still be recorded. */
const removalNanoseconds = 30e9;

export const runSpan = ({ plan, api, wire }: Evidence, samples: RecordedSample[]): Gap[] => {
  const begin = plan.clockStart ?? 0;
  const end = (api.find((record) => record.type === 'end')?.t ?? Number.POSITIVE_INFINITY) + removalNanoseconds;
  const outside = (times: number[]) => times.filter((t) => t < begin || t > end).length;
  const gap = (witness: Gap['witness'], file: string, number: number, what: string): Gap[] =>
    number === 0
      ? []
      : [{ witness, reason: `${file} holds ${count(number, what)} from before the run or from after it` }];
  return [
    ...gap('api', 'api.ndjson', outside(api.map(({ t }) => t)), 'record'),
    ...gap('wire', 'wire.ndjson', outside(wire.map(({ t }) => t)), 'record'),
    ...hostNames.flatMap((host) =>
      gap(
        'ss',
        `ss-${host}.txt`,
        outside(samples.filter((one) => one.host === host).map((one) => one.begin)),
        'sample',
      ),
    ),
  ];
};

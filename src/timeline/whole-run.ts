// What is true of a run as a whole: when it began and ended, what it did not come to, which hosts may have been cut off.
import type { Gap } from '../record/gap.ts';
import { type HostName, hostNames } from '../record/hosts.ts';
import { ranProgram } from './agreement/programs.ts';
import type { Evidence } from './evidence.ts';
import type { RecordedSample } from './reading/samples.ts';

/** Those whose link the script took down, and those on which a program may have done so, or set a route or a filter. */
export const hostsCutOff = ({ wire, api }: Evidence): Set<HostName> => {
  const downs = wire.filter((one) => one.type === 'operation' && one.name === 'link' && one.args.state === 'down');
  const isOf = (host: HostName) =>
    downs.some((one) => one.type === 'operation' && one.args.host === host) || ranProgram(api, host);
  return new Set(hostNames.filter(isOf));
};

/** First and last moment of the recording, CLOCK_MONOTONIC. */
export const boundsOf = ({ plan, api, wire }: Evidence, samples: RecordedSample[]): [number, number] => {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const include = (begin: number, end = begin) => {
    first = Math.min(first, begin);
    last = Math.max(last, end);
  };
  for (const { t } of api) include(t);
  for (const record of wire) include(record.t, record.type === 'deliver' ? record.done : record.t);
  for (const { begin, end } of samples) include(begin, end);
  const start = plan.clockStart ?? (Number.isFinite(first) ? first : 0);
  return [start, Math.max(start, last)];
};

/** A run that did not come to its end is a witness that fell silent. */
export const endGaps = ({ api }: Evidence): Gap[] => {
  const end = api.find((record) => record.type === 'end');
  if (end?.type !== 'end')
    return [{ witness: 'api', reason: 'the recording breaks off: the harness was ended before the run was over' }];
  if (end.interrupted) return [{ witness: 'api', reason: 'the run was interrupted' }];
  return end.error === undefined ? [] : [{ witness: 'api', reason: 'the script did not come to its end' }];
};

/** What the collector itself could not take down. */
export const recordedGaps = (api: Evidence['api']): Gap[] =>
  api.flatMap((record) =>
    record.type === 'gap' ? [{ witness: record.witness, host: record.host, reason: record.reason }] : [],
  );

// The samples of ss against themselves: numbered without a hole, one after the other, of the right host, and as many as
// were taken.

import type { ApiRecord } from '../../record/api-records.ts';
import type { Gap } from '../../record/gap.ts';
import { addressOf, type HostName, hostNames } from '../../record/hosts.ts';
import type { RecordedSample } from '../reading/samples.ts';
import { count } from './count.ts';

/** On one host both ends have the same addresses. */
export const sampleOrder = (samples: RecordedSample[], api: ApiRecord[], isOneHost = false): Gap[] =>
  hostNames.flatMap((host) => {
    const own = samples.filter((sample) => sample.host === host).sort((a, b) => a.place - b.place);
    const strange = isOneHost ? undefined : stranger(host, own);
    const reasons = [numbering(host, own), times(host, own), strange, tooFew(host, own, api)];
    return reasons.flatMap((reason) => (reason === undefined ? [] : [{ witness: 'ss' as const, host, reason }]));
  });

const numbering = (host: HostName, samples: RecordedSample[]): string | undefined => {
  const wrong = samples.findIndex(({ number }, index) => number !== index + 1);
  return wrong < 0 ? undefined : `ss-${host}.txt goes from sample ${wrong} to sample ${samples[wrong]?.number}`;
};

/** ss is run once at a time. */
const times = (host: HostName, samples: RecordedSample[]): string | undefined => {
  const wrong = samples.find(({ begin, end }, index) => end < begin || begin < (samples[index - 1]?.end ?? begin));
  return wrong && `by ss-${host}.txt sample ${wrong.number} was taken before the one that stands before it had ended`;
};

const stranger = (host: HostName, samples: RecordedSample[]): string | undefined => {
  const isOf = (other: HostName) => (sample: RecordedSample) =>
    sample.rows.some(({ local }) => local.address === addressOf[other].ip);
  const others = hostNames.filter((other) => other !== host);
  const [wrong] = others.flatMap((other) => samples.filter(isOf(other)).map(({ number }) => ({ number, other })));
  return wrong && `sample ${wrong.number} of ss-${host}.txt shows a socket of the ${wrong.other}`;
};

/** The harness says at the end how many it had taken by then. */
const tooFew = (host: HostName, { length }: RecordedSample[], api: ApiRecord[]): string | undefined => {
  const taken = api.find((record) => record.type === 'end')?.counts?.samples[host] ?? 0;
  return length < taken ? `ss-${host}.txt holds ${count(length, 'sample')}, and ${taken} were taken` : undefined;
};

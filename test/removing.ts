// The evidence of a run with one witness removed, and nothing left that would only count what is missing: what rests on
// that witness must not be decided any more, by its needs or because another witness contradicts.
import { isDeepStrictEqual } from 'node:util';
import type { ApiRecord } from '../src/record/api-records.ts';
import type { HostName } from '../src/record/hosts.ts';
import type { Evidence } from '../src/timeline/evidence.ts';
import type { Look } from '../src/verdict/view/part.ts';

/** `rests`: whether who looked there rests on what was removed, so that it must become unknown. */
export type Removal = { what: string; evidence: Evidence; rests(look: Look): boolean };

/** Each witness in turn, whole or its last third; those that change nothing are left out. */
export const removals = (evidence: Evidence): Removal[] =>
  removalsOf(evidence).filter((removal) => !isDeepStrictEqual(plain(removal.evidence), plain(evidence)));

const plain = ({ api, captures, ss }: Evidence) => ({
  captures,
  ss,
  api: api.filter(({ type }) => type !== 'end'),
});

const removalsOf = (evidence: Evidence): Removal[] => [
  ...hosts.flatMap((host) => [
    ofSs(evidence, [host], `all rows of the ${host}`, withoutRows),
    ofSs(evidence, [host], `all samples of the ${host}`, () => ''),
    ofSs(evidence, [host], `the last third of the samples of the ${host}`, withoutLastThird),
    ofCapture(evidence, host),
  ]),
  ofSs(evidence, hosts, 'all rows of both', withoutRows),
  // What could not change any more, or was over by then, needs none of them: each question knows.
  { ...ofSs(evidence, hosts, 'the last third of the samples of both', withoutLastThird), rests: () => false },
  ofCalls(evidence, 'all calls', () => true),
  ...processesOf(evidence).map((process) =>
    ofCalls(evidence, `the calls of ${process}`, (one) => one.process === process),
  ),
];

const hosts: HostName[] = ['client', 'server'];

const ofSs = (evidence: Evidence, which: HostName[], what: string, change: (text: string) => string): Removal => {
  const ss = { ...evidence.ss };
  for (const host of which) ss[host] = change(ss[host]);
  const samples = { client: samplesIn(ss.client).length, server: samplesIn(ss.server).length };
  return {
    what,
    evidence: { ...evidence, ss, api: counted(evidence.api, { samples }) },
    rests: ({ at, host }) => (at === 'sample' || at === 'state') && (host === undefined || which.includes(host)),
  };
};

const samplesIn = (text: string) => text.split(/^(?=# sample )/m).filter((part) => part.startsWith('# sample '));

/** ss was run, and printed its heading alone. */
const withoutRows = (text: string): string =>
  samplesIn(text)
    .map((sample) => {
      const [heading = '', titles = ''] = sample.split('\n');
      return `${heading.replace(/bytes=\d+/, `bytes=${Buffer.byteLength(titles) + 1}`)}\n${titles}\n`;
    })
    .join('');

const withoutLastThird = (text: string): string => {
  const samples = samplesIn(text);
  return samples.slice(0, Math.ceil((samples.length * 2) / 3)).join('');
};

const ofCapture = (evidence: Evidence, host: HostName): Removal => ({
  what: `the capture of the ${host}`,
  evidence: {
    ...evidence,
    captures: { ...evidence.captures, [host]: evidence.captures[host].subarray(0, 24) },
    captureEnd: { ...evidence.captureEnd, [host]: { ...evidence.captureEnd[host], captured: 0, received: 0 } },
  },
  rests: ({ at }) => at === 'segment' || at === 'sample' || at === 'state',
});

type Call = Extract<ApiRecord, { type: 'call' }>;

const ofCalls = (evidence: Evidence, what: string, isGone: (call: Call) => boolean): Removal => {
  const gone = new Set(evidence.api.flatMap((one) => (one.type === 'call' && isGone(one) ? [one.call] : [])));
  const times = evidence.api.flatMap((one) => (one.type === 'call' && gone.has(one.call) ? [one.t] : []));
  const start = evidence.plan.clockStart ?? 0;
  const [first, last] = [Math.min(...times) - start, Math.max(...times) - start];
  const api = evidence.api.filter((one) => (one.type !== 'call' && one.type !== 'return') || !gone.has(one.call));
  return {
    what,
    evidence: { ...evidence, api: counted(api, { api: api.findIndex(({ type }) => type === 'end') }) },
    rests: ({ at, from, to }) => at === 'call' && from <= last && to >= first,
  };
};

const processesOf = ({ api }: Evidence): string[] => [
  ...new Set(
    api.flatMap((one) => (one.type === 'call' && (one.via === 'node' || one.via === 'raw') ? [one.process] : [])),
  ),
];

/** What the harness said it had written by the end, as if it had never been more. */
const counted = (api: ApiRecord[], counts: object): ApiRecord[] =>
  api.map((one) => (one.type === 'end' && one.counts ? { ...one, counts: { ...one.counts, ...counts } } : one));

// In lockstep ss has looked at all hosts before and after every segment. A delivery without its samples, and samples
// of a delivery that the wire's log does not have, show that something is gone.

import type { Gap } from '../../record/gap.ts';
import { type HostName, hostsIn } from '../../record/hosts.ts';
import type { Evidence } from '../evidence.ts';
import type { WireFrame, WireLog } from '../reading/frames.ts';
import type { RecordedSample } from '../reading/samples.ts';

export const lockstepSamples = (evidence: Evidence, log: WireLog, samples: RecordedSample[]): Gap[] =>
  hostsIn(evidence.captures).flatMap((host) => {
    const looks = looksAt(samples.filter((sample) => sample.host === host));
    return [...unseen(host, inLockstep(evidence, log), looks), ...unknownFrames(host, log, looks)];
  });

type Looks = Record<'before' | 'after', Map<number, RecordedSample[]>>;

const looksAt = (samples: RecordedSample[]): Looks => {
  const looks: Looks = { before: new Map(), after: new Map() };
  for (const sample of samples) {
    const [, edge, frame] = /^(before|after) frame (\d+)$/.exec(sample.reason) ?? [];
    if (edge !== 'before' && edge !== 'after') continue;
    const known = looks[edge].get(Number(frame));
    if (known) known.push(sample);
    else looks[edge].set(Number(frame), [sample]);
  }
  return looks;
};

const unseen = (host: HostName, passages: Passage[], { before, after }: Looks): Gap[] => {
  const wrong = passages.find(({ frame: { number, at, delivered }, isDelivered }) => {
    const isBefore = (sample: RecordedSample) => sample.begin >= at && sample.end <= (delivered?.t ?? sample.end);
    if (!before.get(number)?.some(isBefore)) return true;
    return isDelivered && delivered && !after.get(number)?.some(({ begin }) => begin >= delivered.done);
  });
  if (!wrong) return [];
  return [
    {
      witness: 'ss',
      host,
      reason: `in lockstep, and ss-${host}.txt has no sample before and after frame ${wrong.frame.number}, the first of ${passages.length} looked for`,
    },
  ];
};

const unknownFrames = (host: HostName, { frames }: WireLog, { before, after }: Looks): Gap[] => {
  const unread = [...before.keys()].find((number) => !frames.has(number));
  const undelivered = [...after.keys()].find((number) => !frames.get(number)?.delivered);
  const wrong = unread ?? undelivered;
  if (wrong === undefined) return [];
  const what = unread === undefined ? 'delivery' : 'arrival';
  return [
    {
      witness: 'wire',
      host,
      reason: `ss was run for the ${what} of frame ${wrong}, of which wire.ndjson says nothing`,
    },
  ];
};

/** A frame whose fate was decided in lockstep. One that was held may be delivered in free run. */
type Passage = { frame: WireFrame; isDelivered: boolean };

/** Up to the end of the captures. Around a change of the mode it may have been either. */
const inLockstep = ({ plan, wire, captures, captureEnd }: Evidence, log: WireLog): Passage[] => {
  const asked = Math.min(...hostsIn(captures).map((host) => captureEnd[host]?.asked ?? Number.POSITIVE_INFINITY));
  const found = new Map<number, Passage>();
  const begun = new Set<number>();
  let isLockstep = plan.wireMode === 'lockstep';
  for (const record of wire) {
    if (record.type === 'operation' && (record.name === 'freeRun' || record.name === 'lockstep')) {
      isLockstep = record.name === 'lockstep';
      begun.clear();
    }
    if (!isLockstep || record.t >= asked) continue;
    if (record.type === 'read' || record.type === 'make') begun.add(record.frame);
    if (record.type !== 'deliver' && record.type !== 'drop' && record.type !== 'hold') continue;
    const frame = log.frames.get(record.frame);
    if (frame && begun.has(record.frame)) found.set(record.frame, { frame, isDelivered: record.type === 'deliver' });
  }
  return [...found.values()];
};

// Whether the witnesses of a run agree with each other. None of them is believed more than the others: where two contradict, both are in doubt,
// whatever a seal says. Each part gives gaps; whole evidence gives none.

import type { Gap } from '../record/gap.ts';
import type { HostName } from '../record/hosts.ts';
import { apiOrder } from './agreement/api-order.ts';
import { captureCounts } from './agreement/capture-counts.ts';
import { captureTimes } from './agreement/capture-times.ts';
import { lockstepSamples } from './agreement/lockstep-samples.ts';
import { runSpan } from './agreement/run-span.ts';
import { sampleOrder } from './agreement/sample-order.ts';
import { type Shown, shownSockets } from './agreement/shown-sockets.ts';
import { socketLives } from './agreement/socket-lives.ts';
import { stepsAndCalls } from './agreement/steps-and-calls.ts';
import { toldAlike } from './agreement/told-alike.ts';
import { wireOrder } from './agreement/wire-order.ts';
import type { HostCapture } from './captures.ts';
import type { Clock } from './clock.ts';
import type { Evidence } from './evidence.ts';
import type { WireLog } from './frames.ts';
import type { RecordedSample } from './samples.ts';

/** What has been read from the evidence so far. */
export type Reading = {
  evidence: Evidence;
  log: WireLog;
  captures: Record<HostName, HostCapture>;
  samples: RecordedSample[];
  clock: Clock;
  /** As they stand in the timeline. */
  shown: Shown;
};

/** A gap for each way in which the witnesses contradict each other or themselves. */
export const disagreements = ({ evidence, log, captures, samples, clock, shown }: Reading): Gap[] => [
  ...captureCounts(captures, evidence.captureEnd),
  ...captureTimes(captures, clock),
  ...wireOrder(evidence.wire, evidence.api),
  ...sampleOrder(samples, evidence.api),
  ...socketLives(samples),
  ...lockstepSamples(evidence, log, samples),
  ...apiOrder(evidence.api),
  ...stepsAndCalls(evidence.api),
  ...toldAlike(evidence.api),
  ...shownSockets(shown),
  ...runSpan(evidence, samples),
];

// Whether the witnesses of a run agree with each other. None of them is believed more than the others: where two
// contradict, both are in doubt, whatever a seal says. Each part gives gaps; whole evidence gives none.

import type { Gap } from '../record/gap.ts';
import type { HostName } from '../record/hosts.ts';
import { apiOrder } from './agreement/api-order.ts';
import { captureCounts } from './agreement/capture-counts.ts';
import { captureTimes } from './agreement/capture-times.ts';
import { counterReadings } from './agreement/counter-readings.ts';
import { lockstepSamples } from './agreement/lockstep-samples.ts';
import { logAgreesWithItself } from './agreement/log-agrees.ts';
import { runSpan } from './agreement/run-span.ts';
import { sampleOrder } from './agreement/sample-order.ts';
import { type Shown, shownSockets } from './agreement/shown-sockets.ts';
import { socketLives } from './agreement/socket-lives.ts';
import { stepsAndCalls } from './agreement/steps-and-calls.ts';
import { unexplainedStates } from './agreement/unexplained-states.ts';
import { wireOrder } from './agreement/wire-order.ts';
import type { Evidence } from './evidence.ts';
import type { HostCapture } from './reading/captures.ts';
import type { Clock } from './reading/clock.ts';
import type { CounterReadings } from './reading/counters.ts';
import type { RecordedDestruction } from './reading/destroyed.ts';
import type { WireLog } from './reading/frames.ts';
import type { RecordedSample } from './reading/samples.ts';
import type { StateEvent } from './schema.ts';

/** What has been read from the evidence so far. */
export type Reading = {
  evidence: Evidence;
  log: WireLog;
  captures: Record<HostName, HostCapture>;
  samples: RecordedSample[];
  counted: CounterReadings;
  reports: RecordedDestruction[];
  clock: Clock;
  /** As they stand in the timeline. */
  shown: Shown;
  /** Changes of state, and whether something in the timeline can have made them. */
  states: readonly { event: StateEvent; isExplained: boolean }[];
};

/** A gap for each way in which the witnesses contradict each other or themselves. */
export const disagreements = ({
  evidence,
  log,
  captures,
  samples,
  counted,
  reports,
  clock,
  shown,
  states,
}: Reading): Gap[] => [
  ...captureCounts(captures, evidence.captureEnd),
  ...captureTimes(captures, clock, evidence.plan.oneHost),
  ...wireOrder(evidence.wire, evidence.api),
  ...sampleOrder(samples, evidence.api, evidence.plan.oneHost),
  ...socketLives(samples, evidence.api),
  ...lockstepSamples(evidence, log, samples),
  ...apiOrder(evidence.api),
  ...stepsAndCalls(evidence.api),
  ...logAgreesWithItself(evidence.api),
  ...shownSockets(shown),
  ...unexplainedStates(states, shown.segments),
  ...counterReadings({
    counted,
    samples,
    reports,
    api: evidence.api,
    segments: shown.segments,
    cutOff: shown.cutOff,
    isOneHost: evidence.plan.oneHost,
    fromMonotonic: clock.fromMonotonic,
  }),
  ...runSpan(evidence, samples),
];

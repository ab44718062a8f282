// All that an experiment imports.

export { type Connected, connected } from './experiment/connected.ts';
export { type Experiment, experiment } from './experiment/experiment.ts';
export { ownNode } from './experiment/own-node.ts';
export { connectTo, listenOn } from './experiment/raw-sockets.ts';
export * from './experiment/vocabulary.ts';
export { followsScript } from './packetdrill/judge.ts';
export type { SegmentEvent, StateEvent } from './timeline/schema.ts';
export { all, any, type Check, unknown } from './verdict/check.ts';
export {
  count,
  equal,
  holds,
  kernelTime,
  none,
  sequence,
  share,
  sockets,
  states,
  waits,
  within,
} from './verdict/checks.ts';
export { causedBy, endState, endStates, lasts, neverLearns, stays } from './verdict/connection-checks.ts';
export type { ConnectionView } from './verdict/connection-view.ts';
export { elapsed, textOf, waitsBetween } from './verdict/events.ts';
export { type Case, claim, contrast, control, type Finding, finding, limit, staged } from './verdict/finding.ts';
export type { HostView } from './verdict/host-view.ts';
export { failsWith, hasRead, returns } from './verdict/program-checks.ts';
export { answerTo, bytesOf, carries, sent } from './verdict/segments.ts';
export { acksAlone, closesInThree } from './verdict/three-segments.ts';
export type { View } from './verdict/view.ts';

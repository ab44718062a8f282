// All that an experiment imports.

export { type Connected, connected } from './experiment/connected.ts';
export { type Experiment, experiment } from './experiment/experiment.ts';
export { goProgram } from './experiment/go-program.ts';
export { javaProgram } from './experiment/java-program.ts';
export { ownNode } from './experiment/own-node.ts';
export { connectTo, listenOn } from './experiment/raw-sockets.ts';
export * from './experiment/vocabulary.ts';
export { followsScript } from './packetdrill/judge/judge.ts';
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
} from './verdict/checks/checks.ts';
export {
  causedBy,
  closesWith,
  endState,
  endStates,
  lasts,
  neverLearns,
  stays,
} from './verdict/checks/connection-checks.ts';
export { elapsed, textOf, waitsBetween } from './verdict/checks/events.ts';
export { failsWith, hasRead, returns } from './verdict/checks/program-checks.ts';
export { answerTo, bytesOf, carries, sent } from './verdict/checks/segments.ts';
export { acksAlone, closesInThree } from './verdict/checks/three-segments.ts';
export { type Case, claim, contrast, control, type Finding, finding, limit, staged } from './verdict/finding.ts';
export type { ConnectionView } from './verdict/view/connection-view.ts';
export type { HostView } from './verdict/view/host-view.ts';
export type { View } from './verdict/view/view.ts';

// All that an experiment imports.
export { followsScript } from '../packetdrill/judge.ts';
export type { SegmentEvent, StateEvent } from '../timeline/schema.ts';
export { all, any, equal, holds, kernelTime, none, sequence, share, states, unknown, within } from '../verdict/checks.ts';
export type { Check } from '../verdict/checks.ts';
export { type Finding, finding } from '../verdict/finding.ts';
export type { ConnectionView, HostView, View } from '../verdict/view.ts';
export { type Experiment, experiment } from './experiment.ts';
export * from './vocabulary.ts';

// From a run's evidence to its timeline. Pure: the same evidence gives the same timeline, whatever its state; damage
// becomes gaps.
import type { Gap } from '../record/gap.ts';
import { type HostName, hostsIn, perHost } from '../record/hosts.ts';
import type { SocketRow } from '../record/samples.ts';
import { schemaVersion } from '../record/schema-version.ts';
import { disagreements } from './agreement.ts';
import { type ApiEvents, makeApiEvents } from './calls/api-events.ts';
import { indexCalls } from './calls/calls.ts';
import { findHolders } from './calls/holders.ts';
import { makeOperations, wireModeOf } from './calls/operations.ts';
import { boundProcessEnds } from './calls/process-ends.ts';
import { indexConnections } from './connection-index.ts';
import { type Draft, finishEvents } from './draft.ts';
import type { Evidence } from './evidence.ts';
import { explain } from './explain.ts';
import { findMoments } from './moments.ts';
import { findOffTimeline } from './off-timeline.ts';
import { seenOnce, splitOneHost } from './one-host/one-host.ts';
import { atBothEnds, splitCalls } from './one-host/split-calls.ts';
import { openEnds } from './open-ends.ts';
import { matchCaptures } from './reading/captures.ts';
import { makeClock } from './reading/clock.ts';
import { indexCounters } from './reading/counted.ts';
import { readCounters, riseEvents } from './reading/counters.ts';
import { numberDestroyed, readDestroyed } from './reading/destroyed.ts';
import { gatherFrames } from './reading/frames.ts';
import { numberSamples, readSamples } from './reading/samples.ts';
import { indexSightings } from './reading/sightings.ts';
import type { Timeline, TimelineEvent } from './schema.ts';
import { joinSegments } from './segments/segments.ts';
import { slowWireGaps } from './segments/slow-wire.ts';
import { followSockets, type StateDraft } from './states/states.ts';
import { descriptorsOf, followTraced } from './tracing/tracing.ts';
import { boundsOf, endGaps, hostsCutOff, recordedGaps } from './whole-run.ts';

/** Build the timeline of a run. Never throws on damaged evidence. */
export const buildTimeline = (given: Evidence): Timeline => {
  const { evidence, ends: ofOneHost } = given.plan.oneHost ? splitOneHost(given) : { evidence: given, ends: undefined };
  const { plan, api, wire, captureEnd } = evidence;
  const recorded = readSamples(evidence.ss);
  const counted = readCounters(evidence.counters);
  const ends = readDestroyed(evidence.destroyed);
  const [start, end] = boundsOf(evidence, recorded.samples);
  const log = gatherFrames(wire);
  const captures = matchCaptures(evidence.captures, captureEnd, log);
  const clock = makeClock(start, recorded.samples, captures);
  const moments = findMoments(api);
  const { drafts: segments, connections } = joinSegments(log, captures, clock, moments);
  if (ofOneHost) for (const { event } of segments) seenOnce(event);
  const samples = numberSamples(recorded.samples, clock);
  const real = new Set(segments.flatMap(({ event }) => (event.origin === 'host' ? [event.connection] : [])));
  const index = indexConnections(connections, ({ number }) => real.has(number));
  const followed = followTraced(
    evidence.traces ?? {},
    api,
    ({ seconds, nanoseconds }) => start + clock.fromCapture(seconds, nanoseconds),
  );
  const traced = ofOneHost ? splitCalls(followed, ofOneHost) : followed;
  const records = ofOneHost ? atBothEnds(api) : api;
  const apiEvents = makeApiEvents([...records, ...traced.records], segments, { clock, moments, connections: index });
  const operations = makeOperations(wire, clock, moments);
  const states = followSockets(samples, index);
  const ownConnections = connectionsByCookie(states);
  const destroyed = numberDestroyed(
    ends.reports,
    clock,
    ({ host, at, row }) => ownConnections.get(`${host} ${row.cookie}`) ?? index.find(row.local, row.peer, at)?.number,
  );
  const calls = indexCalls(apiEvents);
  const rises = riseEvents(counted.rises, { clock, moments, samples });
  const descriptors = descriptorsOf(traced.held, { index, clock, calls: eventsOf(apiEvents.calls) });
  const holders = findHolders(apiEvents, descriptors);
  const processEnds = boundProcessEnds(apiEvents, clock.uncertainty, {
    traced: traced.ends.map((one) => ({
      ...one,
      from: clock.fromMonotonic(one.from),
      until: clock.fromMonotonic(one.until),
    })),
    isOneHost: ofOneHost !== undefined,
  });
  explain({
    segments,
    states,
    apiEvents,
    operations,
    connections,
    index,
    calls,
    holders,
    ends: processEnds,
    sightings: indexSightings(samples),
    rises: rises.map(({ event }) => event),
    counted: indexCounters(counted, clock),
    destroyed,
    moments,
    start,
  });

  const events = finishEvents(
    [...allOf(apiEvents), ...operations.values(), ...segments, ...states, ...rises],
    clock.uncertainty,
  );
  const captureOf = (host: HostName) => ({
    packets: captures[host].packets,
    droppedByKernel: captureEnd[host]?.droppedByKernel ?? null,
  });
  const spans = [...recorded.gaps, ...ends.gaps, ...counted.gaps, ...traced.gaps].map((gap) => ({
    ...gap,
    from: gap.from && clock.fromMonotonic(gap.from),
    to: gap.to && clock.fromMonotonic(gap.to),
  }));
  const gaps = [
    ...(evidence.gaps ?? []),
    ...recordedGaps(api),
    ...Object.values(captures).flatMap((one) => one.gaps),
    ...spans,
    ...slowWireGaps(segments),
    ...endGaps(evidence),
    ...(evidence.isUnsealed
      ? openEnds({ evidence, captures, samples: recorded.samples, reports: ends.reports, clock })
      : []),
    ...disagreements({
      evidence,
      log,
      captures,
      samples: recorded.samples,
      counted,
      reports: ends.reports,
      clock,
      states: states.map(({ event, cause }) => ({ event, isExplained: cause?.kind !== 'unknown' })),
      shown: {
        segments: eventsOf(segments),
        samples,
        destroyed,
        calls: eventsOf(apiEvents.calls),
        exits: eventsOf(apiEvents.processes).filter(({ edge }) => edge === 'exit'),
        cutOff: hostsCutOff(evidence),
        cookies: new Set(counted.rises.flatMap(({ host, name }) => (name === 'TcpExt.SyncookiesSent' ? [host] : []))),
      },
    }),
  ];
  const offTimeline = ofOneHost ? findOffTimeline(captures, [], []) : findOffTimeline(captures, samples, destroyed);
  return {
    schemaVersion,
    experiment: plan.experiment,
    startedAt: plan.startedAt,
    duration: Math.max(clock.fromMonotonic(end), events.at(-1)?.at ?? 0),
    wireMode: wireModeOf(evidence),
    clockUncertainty: clock.uncertainty,
    connections,
    events,
    samples,
    destroyed,
    ...(traced.programs > 0 && { descriptors }),
    gaps: gaps.map(withoutUndefined),
    ...(offTimeline && { offTimeline }),
    capture: perHost(captureOf, hostsIn(captures)),
  };
};

const eventsOf = <E extends TimelineEvent>(drafts: Draft<E>[]): E[] => drafts.map(({ event }) => event);

const allOf = ({ calls, emits, processes, others }: ApiEvents): Draft[] => [
  ...calls,
  ...emits,
  ...processes,
  ...others,
];

/** A socket's cookie names it for as long as it lives, whoever uses its address pair afterwards. */
const connectionsByCookie = (states: StateDraft[]): Map<string, number> => {
  const add = (rows: (SocketRow | undefined)[], host: HostName, connection: number | undefined) =>
    rows.flatMap((row) =>
      row?.cookie && connection !== undefined ? [[`${host} ${row.cookie}`, connection] as const] : [],
    );
  return new Map(
    states.flatMap(({ event, rowBefore, rowAfter }) => add([rowBefore, rowAfter], event.host, event.connection)),
  );
};

const withoutUndefined = (gap: Gap): Gap =>
  Object.fromEntries(Object.entries(gap).filter(([, value]) => value !== undefined)) as Gap;

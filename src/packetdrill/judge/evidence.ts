// What a record holds of one play of a script: its calls and injected segments by line, and what the kernel sent.
import type { CallEvent, SegmentEvent, StageEvent, WireEvent } from '../../timeline/schema.ts';
import type { View } from '../../verdict/view/view.ts';

/** What the record holds of one play. */
export type Evidence = {
  play: WireEvent;
  /** By the line of the script. */
  calls: Map<number, CallEvent[]>;
  injected: Map<number, SegmentEvent>;
  /** What the kernel sent, in order. */
  sent: SegmentEvent[];
  notes: StageEvent[];
};

/** Gather it: everything from the operation that began the play to `end` (ns since the start of the run). */
export const evidenceOf = (run: View, play: WireEvent, end: number): Evidence => {
  const inPlay = ({ at }: { at: number }) => at >= play.at && at < end;
  const calls = new Map<number, CallEvent[]>();
  for (const event of run.calls().filter(inPlay)) {
    if (!event.source || event.source.file !== play.source?.file) continue;
    calls.set(event.source.line, [...(calls.get(event.source.line) ?? []), event]);
  }
  const segments = run.segments().filter(inPlay);
  const injected = new Map<number, SegmentEvent>();
  const byCause = new Map(
    segments.flatMap((one) =>
      one.origin === 'inject' && one.cause?.kind === 'wire' ? [[one.cause.event, one] as const] : [],
    ),
  );
  for (const operation of run.operations('inject').filter(inPlay)) {
    const segment = byCause.get(operation.id);
    if (segment && operation.source) injected.set(operation.source.line, segment);
  }
  const connectPorts = new Set(
    [...calls.values()].flat().flatMap(({ api, remote }) => (api === 'connect' && remote ? [remote.port] : [])),
  );
  const own = new Set([
    ...[...injected.values()].map(({ connection }) => connection),
    ...segments.flatMap((one) =>
      one.from === 'server' && connectPorts.has(one.destination.port) ? [one.connection] : [],
    ),
  ]);
  return {
    play,
    calls,
    injected,
    sent: segments.filter((one) => one.from === 'server' && one.origin === 'host' && own.has(one.connection)),
    notes: run.notes().filter(inPlay),
  };
};

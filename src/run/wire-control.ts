// The wire in the hands of a script.
import type { Rule as RuleOptions, SegmentPredicate, WireControl } from '../experiment/vocabulary.ts';
import type { HostName } from '../timeline/schema.ts';
import type { WireSegment } from '../wire/segment.ts';
import type { Rule } from '../wire/wire.ts';
import { quietMilliseconds, type Session } from './session.ts';

export const wireControl = (session: Session): WireControl => {
  const { wire } = session;
  const seen: WireSegment[] = [];
  wire.watch((segment) => seen.push(segment));

  /** Add a rule; the function it gives ends the rule again. */
  const rule = async (
    name: 'drop' | 'hold' | 'duplicate',
    predicate: SegmentPredicate,
    { times, from }: RuleOptions = {},
  ) => {
    const added = wire.addRule(session.context(), name, described({ from, times, predicate: String(predicate) }), {
      fate: name,
      matches: (segment) => (from === undefined || segment.from === from) && predicate(segment),
      left: times ?? Number.POSITIVE_INFINITY,
    });
    return async () =>
      wire.removeRules(session.context(), `end of ${name}`, { operation: added.operation }, (one) => one === added);
  };

  const cuts = new Set<Rule>();
  const delays = new Set<Rule>();
  const quiet = async (milliseconds = quietMilliseconds) => {
    await session.orAbort(wire.quiet(milliseconds));
    await session.orAbort(wire.sampleBoth('quiet'));
  };
  const settleAfter = async <T>(action: () => T): Promise<T> => {
    wire.touch();
    const result = action();
    await quiet();
    return result;
  };

  return {
    cut: async (from) => {
      const matches = (segment: WireSegment) => from === undefined || segment.from === from;
      cuts.add(
        wire.addRule(session.context(), 'cut', described({ from }), {
          fate: 'drop',
          matches,
          left: Number.POSITIVE_INFINITY,
        }),
      );
    },
    restore: async () => {
      wire.removeRules(session.context(), 'restore', {}, (one) => cuts.has(one));
      cuts.clear();
    },
    drop: (predicate, options) => rule('drop', predicate, options),
    hold: (predicate, options) => rule('hold', predicate, options),
    duplicate: (predicate, options) => rule('duplicate', predicate, options),
    release: (segments) =>
      settleAfter(() =>
        wire.release(
          session.context(),
          segments?.map((segment) => segment?.frame),
        ),
      ),
    held: () => wire.heldSegments(),
    delay: async (milliseconds, { from, times, predicate = () => true } = {}) => {
      if (delays.size > 0) wire.removeRules(session.context(), 'end of delay', {}, (one) => delays.has(one));
      delays.clear();
      if (milliseconds === 0) return;
      const matches = (segment: WireSegment) => (from === undefined || segment.from === from) && predicate(segment);
      const left = times ?? Number.POSITIVE_INFINITY;
      delays.add(
        wire.addRule(session.context(), 'delay', described({ from, times, milliseconds }), {
          fate: 'delay',
          matches,
          left,
          milliseconds,
        }),
      );
    },
    replay: (segment) => settleAfter(() => wire.replay(session.context(), segment) as WireSegment),
    inject: (fields) => settleAfter(() => wire.inject(session.context(), fields) as WireSegment),
    freeRun: () => wire.setLockstep(session.context(), false),
    lockstep: () => wire.setLockstep(session.context(), true),
    quiet,
    next: (predicate, { timeoutMs } = {}) => {
      const { promise, resolve } = Promise.withResolvers<WireSegment>();
      const stop = wire.watch((segment) => {
        if (predicate(segment)) resolve(segment);
      });
      return session.inTime(`a segment that fits ${predicate}`, promise, timeoutMs).finally(stop);
    },
    seen: (predicate = () => true) => seen.filter(predicate),
  };
};

const described = (args: { from?: HostName; times?: number; predicate?: string; milliseconds?: number }) =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));

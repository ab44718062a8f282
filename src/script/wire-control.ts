// The wire in the hands of a script.

import { callSite } from '../experiment/call-site.ts';
import type { Rule as RuleOptions, SegmentPredicate, WireControl } from '../experiment/vocabulary.ts';
import { now } from '../record/clock.ts';
import type { HostName } from '../record/hosts.ts';
import type { Session } from '../session/session.ts';
import { quietMilliseconds } from '../session/waits.ts';
import { createNat } from '../wire/nat.ts';
import type { Rule } from '../wire/rules.ts';
import type { WireSegment } from '../wire/segment.ts';
import { asked } from './asked.ts';
import { checked } from './checks/check.ts';
import { wireWords } from './checks/wire-words.ts';
import { oneSegmentWords, segmentWords } from './segment-words.ts';

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
    const context = session.context();
    const segments = segmentWords(predicate, { from, source: context.source });
    const fits = asked(predicate, context.source);
    const added = wire.addRule(context, name, described({ from, times, segments }), {
      fate: name,
      matches: (segment) => (from === undefined || segment.from === from) && fits(segment),
      left: times ?? Number.POSITIVE_INFINITY,
    });
    return async () =>
      wire.removeRules(session.context(), `end of ${name}`, { operation: added.operation }, (one) => one === added);
  };

  const delays = new Set<Rule>();
  const quiet = async (milliseconds = quietMilliseconds) => {
    await session.orAbort(wire.quiet(milliseconds));
    await session.orAbort(wire.sampleAll('quiet'));
  };
  const settleAfter = async <T>(action: () => T): Promise<T> => {
    wire.touch();
    const result = action();
    await quiet();
    return result;
  };

  const methods: WireControl = {
    cut: async (from) => wire.cut(session.context(), from),
    restore: async () => wire.restore(session.context()),
    link: async (host, state) => {
      await session.orAbort(wire.link(session.context(), typeof host === 'string' ? host : host.name, state));
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
    delay: async (milliseconds, { from, times, predicate } = {}) => {
      const context = session.context();
      if (delays.size > 0) wire.removeRules(context, 'end of delay', {}, (one) => delays.has(one));
      delays.clear();
      if (milliseconds === 0) return;
      const fits = predicate && asked(predicate, context.source);
      const matches = (segment: WireSegment) =>
        (from === undefined || segment.from === from) && (fits?.(segment) ?? true);
      const left = times ?? Number.POSITIVE_INFINITY;
      const segments = predicate && segmentWords(predicate, { from, source: context.source });
      delays.add(
        wire.addRule(context, 'delay', described({ from, times, milliseconds, segments }), {
          fate: 'delay',
          matches,
          left,
          milliseconds,
        }),
      );
    },
    nat: async ({ idleSeconds, then }) => {
      const context = session.context();
      const memory = createNat(idleSeconds * 1e9, now());
      const forgotten = new Set<number>();
      const added = wire.addRule(
        context,
        'nat',
        { idleSeconds, then },
        {
          fate: 'drop',
          matches: (segment) => {
            const isForgotten = memory.hasForgotten(segment, now());
            if (isForgotten) forgotten.add(segment.frame);
            return isForgotten;
          },
          left: Number.POSITIVE_INFINITY,
        },
      );
      const stop = wire.watch(({ frame, to, connection, ack, flags }) => {
        if (!forgotten.delete(frame) || then !== 'reset' || flags.includes('R')) return;
        wire.inject(context, { from: to, flags: 'R', connection, seq: ack });
      });
      return async () => {
        stop();
        wire.removeRules(session.context(), 'end of nat', { operation: added.operation }, (one) => one === added);
      };
    },
    replay: (segment) => settleAfter(() => wire.replay(session.context(), segment) as WireSegment),
    inject: (fields) => settleAfter(() => wire.inject(session.context(), fields) as WireSegment),
    freeRun: () => wire.setLockstep(session.context(), false),
    lockstep: () => wire.setLockstep(session.context(), true),
    quiet,
    next: (predicate, { timeoutMs } = {}) => {
      const { promise, resolve, reject } = Promise.withResolvers<WireSegment>();
      const source = callSite();
      const fits = asked(predicate, source);
      const stop = wire.watch((segment) => {
        try {
          if (fits(segment)) resolve(segment);
        } catch (error) {
          reject(error);
        }
      });
      return session.waitFor(oneSegmentWords(predicate, source), promise, timeoutMs).finally(stop);
    },
    seen: (predicate) => (predicate ? seen.filter(asked(predicate, callSite())) : [...seen]),
  };
  return checked('wire.', methods, wireWords);
};

const described = (args: { from?: HostName; times?: number; segments?: string; milliseconds?: number }) =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined));

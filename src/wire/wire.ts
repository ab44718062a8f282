// The wire: a program between two hosts' only links. In lockstep it holds every frame while ss is sampled on both hosts, hands it over,
// and samples again, so that each TCP state between two segments is seen. What the script asks of it are rules over decoded segments.
import { hash } from 'node:crypto';
import { now } from '../record/clock.ts';
import type { HostName } from '../record/hosts.ts';
import { snapLength } from '../record/snap-length.ts';
import type { Source } from '../record/source.ts';
import type { WireRecord } from '../record/wire-records.ts';
import { type InjectedFields, makeFrame } from './inject.ts';
import { createReader, type WireSegment } from './segment.ts';
import { trackUnanswered } from './unanswered.ts';

/** What the wire needs of a host's sidecar. */
export type Link = {
  /** Write a frame to the host's TAP; resolves when its kernel has processed it. `isLost`: the host's link is down, the frame went nowhere. */
  deliver(frame: Uint8Array): Promise<{ t: number; done: number; isLost?: boolean }>;
  /** Take the host's link down, or up again (ip-link(8)). */
  setState(state: LinkState): Promise<void>;
  /** Have ss run on the host and its output recorded. */
  sample(reason: string): Promise<void>;
  /** Resolves when every frame the host's kernel has sent so far has been read. */
  barrier(): Promise<void>;
};

export type Predicate = (segment: WireSegment) => boolean;
export type Rule = {
  operation: number;
  fate: 'drop' | 'hold' | 'duplicate' | 'delay';
  matches: Predicate;
  left: number;
  milliseconds?: number;
};
export type LinkState = 'up' | 'down';
type Cut = { operation: number; from?: HostName };
type Ruling = Pick<Rule, 'fate' | 'operation' | 'milliseconds'>;

/** A segment that is about to be passed on. `rule` is what the script's rules will do with it; `behind` are those that wait after it, by now. */
export type Waiting = { segment: WireSegment; rule?: Rule['fate']; behind(): WireSegment[] };
/** `pass`: as the rules say. The others are done by hand, whatever the rules say. */
export type Order = 'pass' | 'drop' | 'duplicate';

/** Somebody who lets segments pass one by one. */
export type Gate = {
  /** Whether segments are held at all: when not, they pass as if there were no gate. */
  isShut(): boolean;
  /** Resolves when the segment may go on. */
  frame(waiting: Waiting): Promise<Order>;
};

type Frame = { number: number; from: HostName; bytes: Buffer; segment?: WireSegment; delayed?: true; made?: true };

export type Wire = ReturnType<typeof createWire>;

export const createWire = (options: {
  links: Record<HostName, Link>;
  record(line: WireRecord): void;
  /** Resolves when every process of the lab has handled what it was told so far. */
  settle(): Promise<void>;
  onSegment?(segment: WireSegment, fate: string): void;
  gate?: Gate;
}) => {
  const { links, record, settle, gate } = options;
  const reader = createReader();
  const unanswered = trackUnanswered();
  const queue: Frame[] = [];
  const held = new Map<number, Frame>();
  const originals = new Map<number, Frame>();
  const watchers = new Set<(segment: WireSegment) => void>();
  const readWatchers = new Set<(segment: WireSegment, t: number) => void>();
  let rules: Rule[] = [];
  let cuts: Cut[] = [];
  let frames = 0;
  let operations = 0;
  let delayed = 0;
  let lockstep = true;
  let pumping: Promise<void> | undefined;
  let handed = Promise.resolve();
  let lastActivity = 0;
  let failure: Error | undefined;

  /** A frame has come from a host's TAP. `t` is when its sidecar read it. */
  const read = (from: HostName, bytes: Buffer, t: number) => {
    const frame: Frame = { number: ++frames, from, bytes, segment: reader.read(bytes, frames) };
    originals.set(frame.number, frame);
    // In freeRun it goes on before it is written down, for the kernels take what it waits for a round trip.
    const delivery = passesAtOnce(frame) ? links[other(from)].deliver(bytes) : undefined;
    record({
      type: 'read',
      t,
      frame: frame.number,
      from,
      bytes: bytes.length,
      digest: digest(bytes),
      ...(bytes.length > snapLength && {
        head: { bytes: snapLength, digest: digest(bytes.subarray(0, snapLength)) },
      }),
    });
    if (frame.segment) unanswered.sent(frame.segment);
    if (delivery) {
      lastActivity = now();
      passOn(frame, 'pass', delivery).catch(fail);
    } else enqueue(frame);
    if (frame.segment) for (const watcher of [...readWatchers]) watcher(frame.segment, t);
  };

  /** Whether nothing keeps a frame and nobody has a say in its fate. */
  const passesAtOnce = (frame: Frame) =>
    !lockstep && !pumping && !gate?.isShut() && queue.length === 0 && !cutFor(frame) && !matchingRule(frame);

  const enqueue = (frame: Frame) => {
    lastActivity = now();
    queue.push(frame);
    if (!lockstep && !pumping && !gate?.isShut()) {
      while (queue.length > 0) void passOn(queue.shift() as Frame).catch(fail);
      return;
    }
    pumping ??= pump()
      .catch(fail)
      .finally(() => {
        pumping = undefined;
      });
  };

  const fail = (error: Error) => {
    failure ??= error;
  };

  const pump = async () => {
    for (let frame = queue.shift(); frame; frame = queue.shift()) {
      const order = await orderFor(frame);
      if (lockstep) await sampleBoth(`before frame ${frame.number}`);
      const handing = handOver(frame, order);
      handed = handing.catch(() => {});
      await handing;
      lastActivity = now();
    }
  };

  const handOver = async (frame: Frame, order: Order) => {
    const delivered = await passOn(frame, order);
    if (lockstep && delivered) await sampleBoth(`after frame ${frame.number}`);
  };

  const sampleBoth = (reason: string) => Promise.all([links.client.sample(reason), links.server.sample(reason)]);

  /** In freeRun too: at a gate segments go one by one. */
  const orderFor = async (frame: Frame): Promise<Order> => {
    const { segment } = frame;
    if (!gate?.isShut() || !segment) return 'pass';
    const behind = () => queue.flatMap((one) => one.segment ?? []);
    return gate.frame({ segment, rule: cutFor(frame) ? 'drop' : matchingRule(frame)?.fate, behind });
  };

  /** Decide a frame's fate and carry it out, unless its `delivery` is under way. True when it was delivered. */
  const passOn = async (
    frame: Frame,
    order: Order = 'pass',
    delivery?: ReturnType<Link['deliver']>,
  ): Promise<boolean> => {
    const { number } = frame;
    const cut = cutFor(frame);
    if (cut) return lose(frame, { operation: cut.operation });
    const rule: Ruling | undefined = order === 'pass' ? ruleFor(frame) : byHand(order, frame);
    if (rule?.fate === 'drop') return lose(frame, { operation: rule.operation });
    if (rule?.fate === 'hold') {
      record({ type: 'hold', t: now(), frame: number, operation: rule.operation });
      held.set(number, frame);
      announce(frame, 'held');
      return false;
    }
    if (rule?.fate === 'delay') {
      const { milliseconds = 0 } = rule;
      record({ type: 'delay', t: now(), frame: number, operation: rule.operation, milliseconds });
      delayed++;
      setTimeout(() => {
        delayed--;
        enqueue({ ...frame, delayed: true });
      }, milliseconds);
      return false;
    }
    const to = other(frame.from);
    const { t, done, isLost } = await (delivery ?? links[to].deliver(frame.bytes));
    if (isLost) return lose(frame, { reason: 'link down' });
    record({ type: 'deliver', t, done, frame: number, to });
    lastActivity = now();
    if (frame.segment) unanswered.delivered(frame.segment, to, done);
    announce(frame, 'delivered');
    if (rule?.fate === 'duplicate') make(frame.from, frame.bytes, 'duplicate', rule.operation, number);
    return true;
  };

  const lose = (frame: Frame, why: { operation: number } | { reason: 'link down' }): false => {
    record({ type: 'drop', t: now(), frame: frame.number, ...why });
    announce(frame, 'dropped');
    return false;
  };

  /** A cut is no rule among others: while there is one, nothing passes, whatever it is, wherever it waited and whoever put it on the wire. */
  const cutFor = ({ from }: Frame): Cut | undefined => cuts.find((cut) => cut.from === undefined || cut.from === from);

  /** What somebody does to one segment is recorded as an operation like those of the script. */
  const byHand = (fate: 'drop' | 'duplicate', { number }: Frame): Ruling => ({
    fate,
    operation: operate(fate, { by: 'step', frame: number }, {}),
  });

  const ruleFor = (frame: Frame): Rule | undefined => {
    const rule = matchingRule(frame);
    if (rule) rule.left--;
    return rule;
  };

  const matchingRule = ({ segment, made, delayed }: Frame): Rule | undefined => {
    if (!segment || made) return undefined;
    return rules.find(({ fate, left, matches }) => left > 0 && !(delayed && fate === 'delay') && matches(segment));
  };

  const announce = (frame: Frame, fate: string) => {
    if (!frame.segment) return;
    options.onSegment?.(frame.segment, fate);
    for (const watcher of [...watchers]) watcher(frame.segment);
  };

  const make = (
    from: HostName,
    bytes: Buffer,
    origin: 'duplicate' | 'replay' | 'inject',
    operation: number,
    of?: number,
  ) => {
    const number = ++frames;
    const frame: Frame = { number, from, bytes, segment: reader.read(bytes, number, true), made: true };
    originals.set(number, frame);
    record({
      type: 'make',
      t: now(),
      frame: number,
      origin,
      of,
      from,
      operation,
      digest: digest(bytes),
      data: bytes.toString('base64'),
    });
    enqueue(frame);
    return frame.segment;
  };

  const operate = (name: string, args: Record<string, unknown>, context: { step?: number; source?: Source }) => {
    const operation = ++operations;
    record({ type: 'operation', t: now(), operation, name, args, ...context });
    return operation;
  };

  type Context = { step?: number; source?: Source };
  const addRule = (context: Context, name: string, args: Record<string, unknown>, rule: Omit<Rule, 'operation'>) => {
    const operation = operate(name, args, context);
    const added = { ...rule, operation };
    rules.push(added);
    return added;
  };

  return {
    read,
    addRule,
    /** Take rules away: one, or all of the operations named. */
    removeRules: (context: Context, name: string, args: Record<string, unknown>, which: (rule: Rule) => boolean) => {
      operate(name, args, context);
      rules = rules.filter((rule) => !which(rule));
    },
    /** From now on nothing passes, or nothing that one host sends; see `cutFor`. */
    cut: (context: Context, from?: HostName) => {
      cuts.push({ operation: operate('cut', from ? { from } : {}, context), ...(from && { from }) });
    },
    /** Undo every cut. */
    restore: (context: Context) => {
      operate('restore', {}, context);
      cuts = [];
    },
    /** Take the link of a host down or up. What the host has sent by then has been sent. */
    link: async (context: Context, host: HostName, state: LinkState) => {
      await links[host].barrier();
      operate('link', { host, state }, context);
      await links[host].setState(state);
    },
    /** Deliver held frames in the order given. Throws when one of them is not held. */
    release: (context: Context, numbers?: number[]) => {
      const chosen = numbers ?? [...held.keys()];
      const operation = operate('release', { frames: chosen }, context);
      for (const number of chosen) {
        const frame = held.get(number);
        if (!frame)
          throw new Error(
            `Frame ${number} cannot be released: it is not held. Held are: ${[...held.keys()].join(', ') || 'none'}.`,
          );
        held.delete(number);
        record({ type: 'release', t: now(), frame: number, operation });
        enqueue({ ...frame, made: true });
      }
    },
    replay: (context: Context, segment: WireSegment) => {
      const original = originals.get(segment?.frame);
      if (!original)
        throw new Error(
          'There is nothing to replay: give a segment that `wire.seen()`, `wire.next()` or `wire.held()` gave.',
        );
      const operation = operate('replay', { frame: segment.frame, segment: segment.text }, context);
      return make(original.from, original.bytes, 'replay', operation, original.number);
    },
    inject: (context: Context, fields: InjectedFields) => {
      const { bytes, described } = makeFrame(fields, reader);
      const operation = operate('inject', described, context);
      return make(fields.from, bytes, 'inject', operation);
    },
    /** Deliver a frame that was made elsewhere as if `from` had sent it. `described` tells of it in the record. */
    injectFrame: (context: Context, from: HostName, frame: Uint8Array, described: Record<string, unknown>) => {
      const operation = operate('inject', { from, ...described }, context);
      return make(from, Buffer.from(frame), 'inject', operation);
    },
    /** One side's segments come from a script from now on. The record keeps the script. */
    script: (context: Context, script: { file: string; mode: string; text: string }) =>
      void operate('script', script, context),
    isLockstep: () => lockstep,
    /** A connection by its number, with its absolute initial sequence numbers. */
    connection: reader.connection,
    /** Switch between lockstep and freeRun. Frames waiting in the queue go first. */
    setLockstep: async (context: Context, on: boolean) => {
      operate(on ? 'lockstep' : 'freeRun', {}, context);
      await pumping;
      lockstep = on;
    },
    heldSegments: () => [...held.values()].flatMap(({ segment }) => (segment ? [segment] : [])),
    /** Call `watcher` with each segment once its fate is decided, until the returned function is called. */
    watch: (watcher: (segment: WireSegment) => void) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    /** Call `watcher` with each segment as soon as a host has sent it, and when its sidecar read it (ns), until the returned function is called. */
    watchReads: (watcher: (segment: WireSegment, t: number) => void) => {
      readWatchers.add(watcher);
      return () => void readWatchers.delete(watcher);
    },
    sampleBoth,
    /** Resolves when the frame that is being handed over has been, and in lockstep what it did has been looked at. */
    handedOver: () => handed,
    /**
     * Resolves when no segment has moved for `milliseconds`, every process has handled what reached it, and nothing waits to be
     * delivered (held segments excepted). With `answered`, nor does a kernel owe an acknowledgement that it may put off. Throws when the wire itself has failed.
     */
    quiet: async (milliseconds: number, { answered = false } = {}): Promise<void> => {
      for (;;) {
        if (failure) throw failure;
        await pumping;
        await settle();
        await Promise.all([links.client.barrier(), links.server.barrier()]);
        const silent = (now() - lastActivity) / 1e6;
        const left = Math.max(milliseconds - silent, answered ? unanswered.owedFor(now()) : 0);
        if (pumping || queue.length > 0 || delayed > 0) await pause(1);
        else if (left <= 0) return;
        else await pause(Math.min(left, milliseconds));
      }
    },
    /** The moment a call begins counts as activity: its consequences may take a while to show. */
    touch: () => {
      lastActivity = now();
    },
    counts: () => ({ frames, held: held.size }),
  };
};

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
const other = (host: HostName): HostName => (host === 'client' ? 'server' : 'client');
const digest = (bytes: Uint8Array) => hash('sha1', bytes, 'hex').slice(0, 16);

// The wire: a program between two hosts' only links. What passes, when, and what became of it is in its record.

import { type HostName, hostsIn } from '../record/hosts.ts';
import type { WireRecord } from '../record/wire-records.ts';
import { createFrames, type Frame, type Frames } from './frames.ts';
import type { Gate } from './gate.ts';
import { type InjectedFields, makeFrame } from './inject.ts';
import type { Link, LinkState } from './link.ts';
import { type Context, createOperations } from './operations.ts';
import { createPassage, type Passage } from './passage.ts';
import { createQueue, type Queue } from './queue.ts';
import { createRules, type Rules } from './rules.ts';
import type { WireSegment } from './segment.ts';
import { trackUnanswered } from './unanswered.ts';

export type Wire = Pick<Rules, 'addRule' | 'removeRules' | 'cut' | 'restore'> &
  Pick<Queue, 'isLockstep' | 'sampleAll' | 'handedOver' | 'quiet' | 'halt' | 'touch'> & {
    /** A frame has come from a host's TAP. `t` is when its sidecar read it (CLOCK_MONOTONIC, ns). */
    read(from: HostName, bytes: Buffer, t: number): void;
    /** Switch between lockstep and freeRun. Frames waiting in the queue go first. */
    setLockstep(context: Context, on: boolean): Promise<void>;
    /** Take the link of a host down or up. What the host has sent by then has been sent. */
    link(context: Context, host: HostName, state: LinkState): Promise<void>;
    /** Deliver held frames in the order given. Throws when one of them is not held. */
    release(context: Context, frames?: number[]): void;
    heldSegments(): WireSegment[];
    /** Send a segment once more. Throws when it is none the wire has seen. */
    replay(context: Context, segment: WireSegment): WireSegment | undefined;
    inject(context: Context, fields: InjectedFields): WireSegment | undefined;
    /** Deliver a frame that was made elsewhere as if `from` had sent it. `description` tells of it in the record. */
    injectFrame(
      context: Context,
      from: HostName,
      frame: Uint8Array,
      description: Record<string, unknown>,
    ): WireSegment | undefined;
    /** One side's segments come from a script from now on. The record keeps the script. */
    script(context: Context, script: { file: string; mode: string; text: string }): void;
    /** A connection by its number, with its absolute initial sequence numbers. */
    connection: Frames['reader']['connection'];
    /** Call `watcher` with each segment once its fate is decided, until the returned function is called. */
    watch(watcher: (segment: WireSegment) => void): () => void;
    /**
     * Call `watcher` with each segment as soon as a host has sent it, and when its sidecar read it (ns), until the
     * returned function is called.
     */
    watchReads(watcher: (segment: WireSegment, t: number) => void): () => void;
    /** How many frames there have been. */
    frameCount(): number;
  };

export const createWire = (options: {
  links: Record<HostName, Link>;
  record(line: WireRecord): void;
  /** Resolves when every process of the lab has handled what it was told so far. */
  settle(): Promise<void>;
  onSegment?(segment: WireSegment, fate: string): void;
  gate?: Gate;
}): Wire => {
  const { links, record, settle, gate } = options;
  const hosts = hostsIn(links);
  const unanswered = trackUnanswered();
  const watchers = new Set<(segment: WireSegment) => void>();
  const readWatchers = new Set<(segment: WireSegment, t: number) => void>();
  const frames = createFrames(record, hosts);
  const operate = createOperations(record);
  const rules = createRules(operate);
  const queue = createQueue({ links, rules, gate, unanswered, settle, passage: () => passage });
  const onFate = ({ segment }: Frame, fate: string) => {
    if (!segment) return;
    options.onSegment?.(segment, fate);
    for (const watcher of [...watchers]) watcher(segment);
  };
  const passage: Passage = createPassage({
    ...{ links, record, frames, rules, operate, unanswered, onFate },
    enqueue: queue.enqueue,
  });
  const put = (frame: Frame): WireSegment | undefined => {
    queue.enqueue(frame);
    return frame.segment;
  };

  return {
    ...rules,
    ...queue,
    read: (from, bytes, t) => {
      const frame = frames.take(from, bytes);
      queue.arrive(frame, () => {
        frames.recordRead(frame, t);
        if (frame.segment) unanswered.sent(frame.segment);
      });
      if (frame.segment) for (const watcher of [...readWatchers]) watcher(frame.segment, t);
    },
    setLockstep: async (context, on) => {
      operate(on ? 'lockstep' : 'freeRun', {}, context);
      await queue.setLockstep(on);
    },
    link: async (context, host, state) => {
      await links[host].barrier();
      operate('link', { host, state }, context);
      await links[host].setState(state);
    },
    release: (context, chosen = [...passage.held.keys()]) => {
      const operation = operate('release', { frames: chosen }, context);
      for (const number of chosen) put(passage.release(number, operation));
    },
    heldSegments: () => [...passage.held.values()].flatMap(({ segment }) => segment ?? []),
    replay: (context, segment) => {
      const original = frames.find(segment?.frame);
      if (!original)
        throw new Error(
          'There is nothing to replay: give a segment that `wire.seen()`, `wire.next()` or `wire.held()` gave.',
        );
      const operation = operate('replay', { frame: segment.frame, segment: segment.text }, context);
      const { from, bytes, number } = original;
      return put(frames.make(bytes, { from, kind: 'replay', operation, of: number }));
    },
    inject: (context, fields) => {
      const { bytes, described } = makeFrame(fields, frames.reader, hosts);
      const operation = operate('inject', described, context);
      return put(frames.make(bytes, { from: fields.from, kind: 'inject', operation }));
    },
    injectFrame: (context, from, frame, description) => {
      const operation = operate('inject', { from, ...description }, context);
      return put(frames.make(Buffer.from(frame), { from, kind: 'inject', operation }));
    },
    script: (context, script) => void operate('script', script, context),
    connection: frames.reader.connection,
    watch: (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    watchReads: (watcher) => {
      readWatchers.add(watcher);
      return () => void readWatchers.delete(watcher);
    },
    frameCount: frames.count,
  };
};

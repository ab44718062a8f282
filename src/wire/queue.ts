// The order in which frames pass. In lockstep each waits until the one before it has been delivered and ss has looked
// at all hosts, so that every TCP state between two segments is seen; in freeRun they pass at once, and at a gate one
// by one.
import { setTimeout as pause } from 'node:timers/promises';
import { now } from '../record/clock.ts';
import type { HostName } from '../record/hosts.ts';
import type { Frame } from './frames.ts';
import type { Gate, Order } from './gate.ts';
import type { Delivery, Link } from './link.ts';
import type { Passage } from './passage.ts';
import type { Rules } from './rules.ts';
import type { trackUnanswered } from './unanswered.ts';

export type Queue = {
  /** A frame a host has sent: where nothing keeps it and nobody has a say in its fate, it passes before `written` is called. */
  arrive(frame: Frame, written: () => void): void;
  enqueue(frame: Frame): void;
  isLockstep(): boolean;
  /** Switch between lockstep and freeRun. Frames waiting in the queue go first. */
  setLockstep(on: boolean): Promise<void>;
  /** Have ss look at all hosts. */
  sampleAll(reason: string): Promise<unknown>;
  /** Resolves when the frame that is being handed over has been, and in lockstep what it did has been looked at. */
  handedOver(): Promise<void>;
  /**
   * Resolves when no segment has moved for `milliseconds`, every process has handled what reached it, and nothing waits
   * to be delivered (held segments excepted). With `answered`, nor does a kernel owe an acknowledgement that it may put
   * off. Throws when the wire itself has failed.
   */
  quiet(milliseconds: number, options?: { answered?: boolean }): Promise<void>;
  /** No frame is taken from the queue any more. Resolves when the one under way has passed and been looked at. */
  halt(): Promise<void>;
  /** The moment a call begins counts as activity: its consequences may take a while to show. */
  touch(): void;
};

type Context = {
  links: Record<HostName, Link>;
  rules: Rules;
  gate: Gate | undefined;
  unanswered: ReturnType<typeof trackUnanswered>;
  /** Resolves when every process of the lab has handled what it was told so far. */
  settle(): Promise<void>;
  /** Made after the queue, for it puts frames into it. */
  passage(): Passage;
};

export const createQueue = ({ links, rules, gate, unanswered, settle, passage }: Context): Queue => {
  const queue: Frame[] = [];
  let lockstep = true;
  let pumping: Promise<void> | undefined;
  let handed = Promise.resolve();
  let lastActivity = 0;
  let failure: Error | undefined;
  let halted = false;

  const touch = () => {
    lastActivity = now();
  };
  const fail = (error: Error) => {
    failure ??= error;
  };
  const sampleAll = (reason: string) => Promise.all(Object.values(links).map((link) => link.sample(reason)));

  const pass = async (frame: Frame, order?: Order, delivery?: Promise<Delivery>): Promise<boolean> => {
    const isDelivered = await passage().pass(frame, order, delivery);
    touch();
    return isDelivered;
  };

  const enqueue = (frame: Frame) => {
    touch();
    queue.push(frame);
    if (!lockstep && !pumping && !gate?.isShut()) {
      while (queue.length > 0) void pass(queue.shift() as Frame).catch(fail);
      return;
    }
    pumping ??= pump()
      .catch(fail)
      .finally(() => {
        pumping = undefined;
      });
  };

  const pump = async () => {
    const next = () => (halted ? undefined : queue.shift());
    for (let frame = next(); frame; frame = next()) {
      const order = await orderFor(frame);
      if (lockstep) await sampleAll(`before frame ${frame.number}`);
      const handing = handOver(frame, order);
      handed = handing.catch(() => {});
      await handing;
    }
  };

  const handOver = async (frame: Frame, order: Order) => {
    const isDelivered = await pass(frame, order);
    if (lockstep && isDelivered) await sampleAll(`after frame ${frame.number}`);
    touch();
  };

  const orderFor = async (frame: Frame): Promise<Order> => {
    const { segment } = frame;
    if (!gate?.isShut() || !segment) return 'pass';
    const behind = () => queue.flatMap((one) => one.segment ?? []);
    return gate.frame({ segment, rule: rules.cutFor(frame) ? 'drop' : rules.ruleFor(frame)?.fate, behind });
  };

  const passesAtOnce = (frame: Frame) =>
    !lockstep && !pumping && !gate?.isShut() && queue.length === 0 && !rules.cutFor(frame) && !rules.ruleFor(frame);

  return {
    arrive: (frame, written) => {
      // The kernels take what it waits for a round trip.
      const delivery = passesAtOnce(frame) ? links[frame.to].deliver(frame.bytes) : undefined;
      written();
      if (!delivery) return enqueue(frame);
      touch();
      pass(frame, 'pass', delivery).catch(fail);
    },
    enqueue,
    isLockstep: () => lockstep,
    setLockstep: async (on) => {
      await pumping;
      lockstep = on;
    },
    sampleAll,
    handedOver: () => handed,
    quiet: async (milliseconds, { answered = false } = {}) => {
      for (;;) {
        if (failure) throw failure;
        await pumping;
        await settle();
        await Promise.all(Object.values(links).map((link) => link.barrier()));
        const silent = (now() - lastActivity) / 1e6;
        const left = Math.max(milliseconds - silent, answered ? unanswered.owedFor(now()) : 0);
        if (pumping || queue.length > 0 || passage().delayed() > 0) await pause(1);
        else if (left <= 0) return;
        else await pause(Math.min(left, milliseconds));
      }
    },
    halt: async () => {
      halted = true;
      await pumping;
    },
    touch,
  };
};

// The passage of one frame: its fate is decided, carried out, and written down.
import { now } from '../record/clock.ts';
import type { HostName } from '../record/hosts.ts';
import type { WireRecord } from '../record/wire-records.ts';
import type { Frame, Frames } from './frames.ts';
import type { Order } from './gate.ts';
import type { Delivery, Link } from './link.ts';
import type { Operate } from './operations.ts';
import type { Rule, Rules } from './rules.ts';
import type { trackUnanswered } from './unanswered.ts';

export type Passage = {
  /** Decide a frame's fate and carry it out, unless its `delivery` is under way. Resolves to whether it was delivered. */
  pass(frame: Frame, order?: Order, delivery?: Promise<Delivery>): Promise<boolean>;
  /** Frames that a rule holds, by their numbers. */
  held: ReadonlyMap<number, Frame>;
  /** Let a held frame go; `operation` is the release. Throws when it is not held. */
  release(number: number, operation: number): Frame;
  /** How many are being delayed. */
  delayed(): number;
};

type Context = {
  links: Record<HostName, Link>;
  record(line: WireRecord): void;
  frames: Frames;
  rules: Rules;
  operate: Operate;
  unanswered: ReturnType<typeof trackUnanswered>;
  /** Put a frame at the end of the queue. */
  enqueue(frame: Frame): void;
  onFate(frame: Frame, fate: 'delivered' | 'dropped' | 'held'): void;
};

export const createPassage = (context: Context): Passage => {
  const { links, record, frames, rules, operate, unanswered, enqueue, onFate } = context;
  const held = new Map<number, Frame>();
  let delayed = 0;

  const lose = (frame: Frame, why: { operation: number } | { reason: 'link down' }): false => {
    record({ type: 'drop', t: now(), frame: frame.number, ...why });
    onFate(frame, 'dropped');
    return false;
  };

  const hold = (frame: Frame, { operation }: Ruling): false => {
    record({ type: 'hold', t: now(), frame: frame.number, operation });
    held.set(frame.number, frame);
    onFate(frame, 'held');
    return false;
  };

  const delay = (frame: Frame, { operation, milliseconds = 0 }: Ruling): false => {
    record({ type: 'delay', t: now(), frame: frame.number, operation, milliseconds });
    delayed++;
    setTimeout(() => {
      delayed--;
      enqueue({ ...frame, delayed: true });
    }, milliseconds);
    return false;
  };

  const deliver = async (frame: Frame, delivery: Promise<Delivery>): Promise<boolean> => {
    const { to } = frame;
    const { t, done, isLost } = await delivery;
    if (isLost) return lose(frame, { reason: 'link down' });
    record({ type: 'deliver', t, done, frame: frame.number, to });
    if (frame.segment) unanswered.delivered(frame.segment, to, done);
    onFate(frame, 'delivered');
    return true;
  };

  /** What somebody does to one segment is recorded as an operation like those of the script. */
  const byHand = (fate: 'drop' | 'duplicate', { number }: Frame): Ruling => ({
    fate,
    operation: operate(fate, { by: 'step', frame: number }, {}),
  });

  const byRule = (frame: Frame): Ruling | undefined => {
    const rule = rules.ruleFor(frame);
    if (rule) rule.left--;
    return rule;
  };

  return {
    pass: async (frame, order = 'pass', delivery) => {
      const cut = rules.cutFor(frame);
      if (cut) return lose(frame, { operation: cut.operation });
      const ruling = order === 'pass' ? byRule(frame) : byHand(order, frame);
      if (ruling?.fate === 'drop') return lose(frame, { operation: ruling.operation });
      if (ruling?.fate === 'hold') return hold(frame, ruling);
      if (ruling?.fate === 'delay') return delay(frame, ruling);
      const isDelivered = await deliver(frame, delivery ?? links[frame.to].deliver(frame.bytes));
      if (isDelivered && ruling?.fate === 'duplicate')
        enqueue(
          frames.make(frame.bytes, {
            from: frame.from,
            kind: 'duplicate',
            operation: ruling.operation,
            of: frame.number,
          }),
        );
      return isDelivered;
    },
    held,
    release: (number, operation) => {
      const frame = held.get(number);
      if (!frame)
        throw new Error(
          `Frame ${number} cannot be released: it is not held. Held are: ${[...held.keys()].join(', ') || 'none'}.`,
        );
      held.delete(number);
      record({ type: 'release', t: now(), frame: number, operation });
      return { ...frame, made: true };
    },
    delayed: () => delayed,
  };
};

type Ruling = Pick<Rule, 'fate' | 'operation' | 'milliseconds'>;

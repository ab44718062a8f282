// All diagnoses, in the order in which they are told: what lies deeper comes first.
import type { Timeline } from '../timeline/schema.ts';
import { acceptQueueFull } from './accept-queue-full.ts';
import { addressInUse } from './address-in-use.ts';
import { closedWithUnread } from './closed-with-unread.ts';
import { connectAbandoned } from './connect-abandoned.ts';
import type { Diagnosis, Kind } from './diagnosis.ts';
import { endedBeforeConnecting } from './ended-before-connecting.ts';
import { factsOf } from './facts.ts';
import { finWait2TimedOut } from './fin-wait-2-timed-out.ts';
import { halfOpen } from './half-open.ts';
import { heldByChild } from './held-by-child.ts';
import { leftInCloseWait } from './left-in-close-wait.ts';
import { nagleAndDelayedAck } from './nagle-and-delayed-ack.ts';
import { neverRead } from './never-read.ts';
import { noAnswer } from './no-answer.ts';
import { passedOn } from './passed-on.ts';
import { refused } from './refused.ts';
import { resetByLinger } from './reset-by-linger.ts';
import { serverCloseWaits } from './server-close-waits.ts';
import { simultaneousClose } from './simultaneous-close.ts';
import { tooManyDescriptors } from './too-many-descriptors.ts';
import { writtenAfterClose } from './written-after-close.ts';
import { zeroWindow } from './zero-window.ts';

export const catalogue: Kind[] = [
  endedBeforeConnecting,
  addressInUse,
  refused,
  acceptQueueFull,
  tooManyDescriptors,
  heldByChild,
  leftInCloseWait,
  closedWithUnread,
  resetByLinger,
  writtenAfterClose,
  zeroWindow,
  neverRead,
  serverCloseWaits,
  connectAbandoned,
  noAnswer,
  halfOpen,
  finWait2TimedOut,
  simultaneousClose,
  nagleAndDelayedAck,
];

/** What is wrong in a run, as far as its record shows it. */
export const diagnose = (timeline: Timeline): Diagnosis[] => {
  const facts = factsOf(timeline);
  return catalogue.flatMap(({ name, title, remedy, node, source, harmless, find }) =>
    find(facts).map((found) => {
      const evidence = [...new Set(found.evidence.filter((id): id is string => id !== undefined))];
      const further = harmless ? undefined : passedOn(facts, evidence);
      const sentence = found.sentence + (further?.words ?? '');
      return {
        ...{ name, title, sentence, remedy, ...(node && { node }), source, ...(harmless && { harmless }) },
        evidence: [...evidence, ...(further ? [further.id] : [])],
      };
    }),
  );
};

// A connection was accepted, and what came on it was never read.
import { span } from '../report/words/units.ts';
import type { SegmentEvent } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import { arrivalOf, type End, type Facts } from './facts.ts';
import { bytesArrived, bytesRead, holdersAt, holderWords } from './holding.ts';
import { connectionWords, count } from './words.ts';

/** A program may be at work on something else (ns). */
const patience = 2e9;

export const neverRead: Kind = {
  name: 'never-read',
  title: 'A connection was accepted and never read',
  remedy:
    'Look for what the program waits for instead: a lock, another request, an answer of its own. Until it reads, the other side believes that its request is being served.',
  node: "A socket flows only once somebody listens to 'data', pipes it, calls resume() or reads it; pauseOnConnect: true and pause() keep it still.",
  source: 'accept(2), read(2)',
  find: (facts) => facts.ends.flatMap((end) => unreadOn(facts, end)),
};

const unreadOn = (facts: Facts, end: End): Found[] => {
  const { host, peer, connection } = end;
  const unread = unreadSince(facts, end);
  if (!unread) return [];
  const { first, until } = unread;
  const holders = holderWords(holdersAt(facts, end, until - 1e6));
  const accept = facts.calls(end).find(({ api }) => api === 'accept');
  return [
    {
      sentence: `${holders} accepted ${connectionWords(connection)} and never read from it: the ${count(bytesArrived(facts, end, until), 'byte')} that the ${peer} has sent lay in the receive queue of the ${host} for ${span(until - arrivalOf(first))}.`,
      evidence: [accept?.id, first.id],
    },
  ];
};

/** Whether that is what is wrong with it. */
export const wasNeverRead = (facts: Facts, end: End): boolean => unreadSince(facts, end) !== undefined;

/** The first that came, and until when nothing had been read, or the other side had ended. */
const unreadSince = (facts: Facts, end: End): { first: SegmentEvent; until: number } | undefined => {
  const [first] = facts.received(end).filter(({ length }) => length > 0);
  const [accepted] = facts.descriptors(end).filter(({ how }) => how === 'accept' || how === 'received');
  if (!first || !accepted || accepted.ended === 'close') return undefined;
  const ended = facts.states(end).find(({ to }) => to === 'CLOSE-WAIT');
  const until = Math.min(accepted.until ?? facts.timeline.duration, ended?.between[0] ?? Infinity);
  const isShut = facts.sent(end).some(({ window, flags }) => window === 0 && !flags.includes('R'));
  if (isShut || bytesRead(facts, end, facts.timeline.duration) !== 0) return undefined;
  return until - arrivalOf(first) < patience ? undefined : { first, until };
};

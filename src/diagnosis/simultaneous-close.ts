// Both sides closed before either had heard of it from the other.

import { listed } from '../report/words/text.ts';
import type { Connection, SegmentEvent } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import { arrivalOf, type End, type Facts } from './facts.ts';
import { askedAt, connectionWords } from './words.ts';

export const simultaneousClose: Kind = {
  name: 'simultaneous-close',
  title: 'Both sides closed at the same time',
  remedy:
    'Nothing is lost by it, but both ends go through TIME-WAIT, the server’s too. Where that matters let the protocol say who closes first.',
  source: 'RFC 9293, section 3.6 (case 3) and figure 13',
  harmless: true,
  find: (facts) => facts.timeline.connections.flatMap((connection) => crossed(facts, connection)),
};

const crossed = (facts: Facts, connection: Connection): Found[] => {
  const ends = facts.ends.filter((end) => end.connection === connection);
  const fins = ends.flatMap((end) => finOf(facts, end) ?? []);
  const [one, other] = fins;
  if (!one || !other || !isBefore(one, other) || !isBefore(other, one)) return [];
  if (ends.some((end) => facts.sent(end).some(({ flags }) => flags.includes('R')))) return [];
  const closes = fins.map(({ cause }) => facts.event(cause?.kind === 'call' ? cause.event : undefined));
  const closers = fins.map(({ from }, nth) => {
    const close = closes[nth];
    return `that of the ${from}${close?.kind === 'call' ? askedAt(close) : ''}`;
  });
  const waiting = ends.flatMap((end) => facts.states(end).findLast(({ to }) => to === 'TIME-WAIT') ?? []);
  return [
    {
      sentence: `Both sides closed ${connectionWords(connection)} at the same time, and their FINs crossed: ${listed(closers)}. Neither acknowledges the other.${waiting.length > 0 ? ` TIME-WAIT came to the ${listed(waiting.map(({ host }) => host))}.` : ''}`,
      evidence: [...closes.map((close) => close?.id), ...fins.map(({ id }) => id), ...waiting.map(({ id }) => id)],
    },
  ];
};

const finOf = (facts: Facts, end: End): SegmentEvent | undefined =>
  facts.sent(end).find(({ flags, fate }) => flags.includes('F') && fate === 'delivered');

/** The first had left before the other arrived, and does not acknowledge it. */
const isBefore = (fin: SegmentEvent, other: SegmentEvent): boolean =>
  fin.at < arrivalOf(other) && fin.ack !== undefined && fin.ack <= other.seq + other.length;

// A program had its kernel reset the connection: SO_LINGER with a time of 0 makes of close() a reset.
import type { Found, Kind } from './diagnosis.ts';
import type { End, Facts } from './facts.ts';
import { holdersAt, holderWords } from './holding.ts';
import { lingerBefore, whatPeerWasTold } from './resets.ts';
import { askedAt, connectionWords } from './words.ts';

export const resetByLinger: Kind = {
  name: 'reset-by-linger',
  title: 'A program reset the connection on purpose: SO_LINGER 0',
  remedy:
    'Leave SO_LINGER alone where the other side is to hear of an ordinary end. Balancers and proxies do this with idle connections: be idle for a shorter time than they allow, or keep the connection alive.',
  node: 'resetAndDestroy() does it: use end(), or destroy() once everything is read.',
  source: 'socket(7) on SO_LINGER; __tcp_close() in net/ipv4/tcp.c',
  find: (facts) => facts.ends.flatMap((end) => resetOf(facts, end)),
};

const resetOf = (facts: Facts, end: End): Found[] => {
  const reset = facts.sent(end).find(({ flags, fate }) => flags.includes('R') && fate === 'delivered');
  const closing = facts.event(reset?.cause?.kind === 'call' ? reset.cause.event : undefined);
  if (!reset || closing?.kind !== 'call' || closing.via !== 'strace') return [];
  const linger = lingerBefore(facts, end, closing.at);
  if (!linger || !isZero(linger.args.at(-1))) return [];
  const told = whatPeerWasTold(facts, end, reset);
  const who = holderWords(holdersAt(facts, end, closing.at)) || closing.process;
  return [
    {
      sentence: `${who} set SO_LINGER to 0 on ${connectionWords(end.connection)} and closed it${askedAt(closing)}, so that the kernel of the ${end.host} sent a reset and no FIN${told ? `; the ${end.peer} got ${told.errno}` : ''}.`,
      evidence: [linger.id, closing.id, reset.id, told?.id],
    },
  ];
};

/** `{ onoff: 1, linger: 0 }` */
const isZero = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'onoff' in value &&
  'linger' in value &&
  value.onoff !== 0 &&
  value.linger === 0;

// A socket was closed with bytes in its receive queue: the kernel tells the other side by a reset that they were lost.
import type { CounterEvent, SegmentEvent } from '../timeline/schema.ts';
import type { Kind } from './diagnosis.ts';
import type { End, Facts } from './facts.ts';
import { bytesArrived, bytesRead, holdersAt, holderWords } from './holding.ts';
import { lingerBefore, whatPeerWasTold } from './resets.ts';
import { askedAt, connectionWords, count } from './words.ts';

export const closedWithUnread: Kind = {
  name: 'closed-with-unread',
  title: 'Closed with bytes unread: a reset instead of a FIN',
  remedy:
    'Read to the end (until a read returns 0) before close(); or shutdown(SHUT_WR) first, and read what still comes. What the other side had been sent before may be lost with the reset.',
  node: "Wait for 'end' before destroy(), which means that it must flow: 'data', resume() or for await. socket.end() alone closes in order.",
  source: 'RFC 2525, section 2.17; __tcp_close() in net/ipv4/tcp.c',
  find: (facts) =>
    facts.ends.flatMap((end) => {
      const reset = facts.sent(end).find(({ flags }) => flags.includes('R'));
      const cause = facts.event(reset?.cause && 'event' in reset.cause ? reset.cause.event : undefined);
      const closing = cause?.kind === 'call' && cause.api === 'close' ? cause : undefined;
      // SO_LINGER 0 resets as well, whatever is unread.
      if (!reset || !closing || lingerBefore(facts, end, closing.at)) return [];
      const arrived = bytesArrived(facts, end, closing.at);
      const read = bytesRead(facts, end, closing.at);
      const counted = countedBy(facts, end, reset);
      if (read === undefined || read >= arrived || !counted) return [];
      const holders = holderWords(holdersAt(facts, end, closing.at));
      const told = whatPeerWasTold(facts, end, reset);
      return [
        {
          sentence: `${holders || closing.process} closed ${connectionWords(end.connection)}${askedAt(closing)} with ${count(arrived - read, 'byte')} unread (it had read ${read} of ${arrived}), so that the kernel of the ${end.host} sent a reset and no FIN${told ? `; the ${end.peer} got ${told.errno}` : ''}.`,
          evidence: [closing.id, reset.id, counted.id, told?.id],
        },
      ];
    }),
};

const countedBy = ({ timeline }: Facts, { host }: End, { at }: SegmentEvent): CounterEvent | undefined =>
  timeline.events.find(
    (event): event is CounterEvent =>
      event.kind === 'counter' &&
      event.host === host &&
      event.name === 'TcpExt.TCPAbortOnClose' &&
      event.between[0] <= at &&
      at <= event.between[1],
  );

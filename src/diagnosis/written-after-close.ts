// Something was written to a connection that the other side had closed meanwhile: the answer is a reset. The race of
// every connection that is kept alive, when the server's timeout runs out just as the client uses it again.

import { isWrite } from '../record/socket-calls.ts';
import { span } from '../report/words/units.ts';
import type { SegmentEvent } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import { arrivalOf, type End, type Facts } from './facts.ts';
import { whatPeerWasTold } from './resets.ts';
import { askedAt, connectionWords, count } from './words.ts';

export const writtenAfterClose: Kind = {
  name: 'written-after-close',
  title: 'Written to a connection that the other side had closed',
  remedy:
    'Whoever sends requests gives an idle connection up earlier than the other side does, and sends a request that is safe to repeat once more on a new connection (RFC 9110, section 9.2.2).',
  node: 'Set server.keepAliveTimeout well above the idle timeout of whatever is in front of it; in a client retry when request.reusedSocket is true and the error is ECONNRESET.',
  source: 'RFC 9112, sections 9.3.1 and 9.5; RFC 9293, section 3.5.2',
  find: (facts) => facts.ends.flatMap((closer) => raceOf(facts, closer)),
};

/** `closer` closed; the other end wrote all the same, and was reset. */
const raceOf = (facts: Facts, closer: End): Found[] => {
  const { host, peer, connection } = closer;
  const writer: End = { host: peer, peer: host, connection };
  const fin = facts.sent(closer).find(({ flags, role }) => flags.includes('F') && role === undefined);
  const reset = facts.sent(closer).find(({ flags }) => flags.includes('R'));
  if (!fin || !reset || reset.at < fin.at) return [];
  // The answer to a segment, and not what a close() sends later of its own accord.
  const answered = facts.event(reset.cause?.kind === 'segment' ? reset.cause.event : undefined);
  if (answered?.kind !== 'segment') return [];
  const late = facts
    .sent(writer)
    .find(
      ({ length, at, role, fate, seq }) =>
        length > 0 && at > fin.at && at < reset.at && role === undefined && fate === 'delivered' && seq <= answered.seq,
    );
  // What it was given before it closed it had not read: that is another fault.
  if (!late || arrivalOf(late) > reset.at || hasUnread(facts, closer, fin)) return [];
  // One that took what came after its FIN had ended its own side only: what reset it later is another matter.
  const isTaken = facts
    .sent(closer)
    .some(
      ({ at, ack, flags }) =>
        flags.includes('.') && at > arrivalOf(late) && at < reset.at && ack >= late.seq + late.length,
    );
  if (isTaken) return [];
  const write = facts.calls(writer).findLast((call) => isWrite(call) && call.at <= late.at);
  const wrote = write?.at ?? late.at;
  const arrived = facts.received(writer).find(({ flags }) => flags.includes('F'));
  const learned = arrived && arrivalOf(arrived) <= wrote;
  const told = whatPeerWasTold(facts, closer, reset);
  const idle = idleBefore(facts, closer, fin);
  const closing = facts.event(fin.cause?.kind === 'call' ? fin.cause.event : undefined);
  const before = facts.sent(writer).some(({ length, at }) => length > 0 && at < fin.at);
  const isClient = connection.opener === peer;
  // One that nothing was said to before is no further one.
  const isFurther = before && isClient && facts.sent(closer).some(({ length, at }) => length > 0 && at < fin.at);
  const asked = isFurther ? 'a further request' : count(late.length, 'byte');
  const when = learned
    ? `${span(wrote - arrivalOf(arrived))} after the FIN of the ${host} had reached the ${peer}`
    : fin.fate === 'dropped'
      ? `and knew nothing of the FIN of the ${host}, which was lost`
      : `while the FIN of the ${host} was on its way`;
  return [
    {
      sentence: `The ${peer} wrote ${asked} on ${connectionWords(connection)} ${when}: the ${host} had closed it${idle === undefined || !isFurther ? '' : ` after ${span(idle)} without a request`}${closing?.kind === 'call' ? askedAt(closing) : ''}, and its kernel answered with a reset${told ? `; the ${peer} got ${told.errno}` : ''}.`,
      evidence: [closing?.id, fin.id, arrived?.id, write?.id, late.id, reset.id, told?.id],
    },
  ];
};

/** How long nothing had moved before it was closed, where that was long. */
const idleBefore = (facts: Facts, closer: End, fin: SegmentEvent): number | undefined => {
  const sent = facts.sent(closer).filter(({ at, length, role }) => at < fin.at && length > 0 && role === undefined);
  const received = facts.received(closer).filter((one) => arrivalOf(one) < fin.at && one.length > 0);
  const last = Math.max(...sent.map(({ at }) => at), ...received.map(arrivalOf));
  return Number.isFinite(last) && fin.at - last >= 100e6 ? fin.at - last : undefined;
};

const hasUnread = (facts: Facts, closer: End, fin: SegmentEvent): boolean =>
  facts.received(closer).some((one) => one.length > 0 && one.at < fin.at && arrivalOf(one) > fin.at);

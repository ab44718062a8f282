// What a proxy made of a fault on its way to the server: the answer that its client got, or that it got none.
import type { Connection, SegmentEvent } from '../timeline/schema.ts';
import type { Facts } from './facts.ts';
import { connectionWords } from './words.ts';

/**
 * The first thing the proxy sent to a client after the fault, where that was an error of HTTP (RFC 9110, section 15.6) or
 * the end of a connection on which it had answered nothing.
 */
export const passedOn = (facts: Facts, evidence: readonly string[]): { words: string; id: string } | undefined => {
  const { connections, events } = facts.timeline;
  const shown = evidence.flatMap((id) => facts.event(id) ?? []);
  const isUpstream = (one: Connection | undefined) => one?.proxy !== undefined && one.server !== undefined;
  const segments = shown.filter((one): one is SegmentEvent => one.kind === 'segment');
  if (!segments.some(({ connection }) => isUpstream(connections[connection]))) return undefined;
  const since = Math.max(...segments.map(({ at }) => at));
  const sent = events.filter(
    (one): one is SegmentEvent => one.kind === 'segment' && one.from === 'proxy' && one.to === 'client',
  );
  const answer = sent.find(({ at, length, flags }) => at >= since && (length > 0 || /[FR]/.test(flags)));
  const connection = answer && connections[answer.connection];
  if (!answer || !connection) return undefined;
  const [, status] = /^HTTP\/1\.[01] (5\d\d) /.exec(textOf(answer)) ?? [];
  if (status !== undefined)
    return { words: ` The proxy then answered ${status} on ${connectionWords(connection)}.`, id: answer.id };
  const hasAnswered = sent.some(({ connection: number, length }) => number === answer.connection && length > 0);
  const wasAsked = events.some(
    (one) => one.kind === 'segment' && one.from === 'client' && one.connection === answer.connection && one.length > 0,
  );
  if (hasAnswered || !wasAsked) return undefined;
  return { words: ` The proxy then closed ${connectionWords(connection)} without an answer.`, id: answer.id };
};

const textOf = ({ payload = '' }: SegmentEvent): string => Buffer.from(payload, 'hex').toString('latin1');

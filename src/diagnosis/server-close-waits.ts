// A server has closed its listener, and its process goes on for the connections it still has.
import { span } from '../report/words/units.ts';
import type { CallEvent, Descriptor, SegmentEvent } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import type { Facts } from './facts.ts';
import { askedAt, count } from './words.ts';

/** What is under way may be finished (ns). */
const patience = 1e9;

export const serverCloseWaits: Kind = {
  name: 'server-close-waits',
  title: 'The server is closed, and waits for its connections',
  remedy: 'Closing a listener ends no connection: end the idle ones, and after a while the others.',
  node: 'server.close() calls back when the last connection is over. Of an http server call closeIdleConnections() with it, and closeAllConnections() after a grace period; of a net server keep the sockets and destroy() them.',
  source: 'Node documentation, server.close(); close(2)',
  find: (facts) =>
    facts.allCalls
      .filter(({ api, asked }) => api === 'close' && asked?.api === 'close')
      .flatMap((close) => waitingAfter(facts, close)),
};

const waitingAfter = (facts: Facts, close: CallEvent): Found[] => {
  const { host, process, at } = close;
  const exit = facts.processes.find(
    (one) => one.host === host && one.process === process && one.edge === 'exit' && one.at > at,
  );
  const end = exit?.between?.[0] ?? exit?.at ?? facts.timeline.duration;
  const open = (facts.timeline.descriptors ?? []).filter(
    (one) =>
      one.host === host &&
      one.process === process &&
      one.how === 'accept' &&
      one.from < at &&
      lastsUntil(one, facts) - at > patience,
  );
  if (open.length === 0 || end - at <= patience) return [];
  const until = Math.max(...open.map((one) => Math.min(lastsUntil(one, facts), end)));
  const byEnd = Map.groupBy(open, (one) => endOf(facts, one));
  const which = [...byEnd].map(([words, all]) => `${all.map(nameOf).join(', ')}${words}`);
  return [
    {
      sentence: `${process} stopped listening on port ${close.local?.port ?? ''}${askedAt(close)}, and waited another ${span(until - at)} for ${count(open.length, 'connection')} that ${open.length === 1 ? 'was' : 'were'} still open: ${which.join('; ')}.`,
      evidence: [close.id, exit?.id],
    },
  ];
};

const nameOf = ({ connection, fd }: Descriptor): string =>
  connection === undefined ? `descriptor ${fd}` : `#${connection} (descriptor ${fd})`;

/** Who ended it, as far as segments tell. */
const endOf = (facts: Facts, { connection, host, process, until = Infinity }: Descriptor): string => {
  const own = facts.ends.find((end) => end.host === host && end.connection.number === connection);
  if (!own) return '';
  // What its own end leaves to the kernel nobody has asked for.
  const isOwnEnd = ({ cause }: SegmentEvent) => {
    const end = facts.event(cause?.kind === 'process-end' ? cause.event : undefined);
    return end?.kind === 'process' && end.process === process;
  };
  const isEnd = (one: SegmentEvent) => /[FR]/.test(one.flags) && one.at <= until && !isOwnEnd(one);
  const ends = [...facts.sent(own), ...facts.received(own)].filter(isEnd).sort((a, b) => a.at - b.at);
  return ends[0] === undefined ? ', which nobody ended' : `, which the ${ends[0].from} ended`;
};

const lastsUntil = ({ until }: Descriptor, { timeline }: Facts): number => until ?? timeline.duration;

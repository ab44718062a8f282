// One side believes the connection to be open, and the other side has no socket of it any more: nothing will ever tell it.
import type { Found, Kind } from './diagnosis.ts';
import type { End, Facts } from './facts.ts';
import { whoHeld } from './holding.ts';
import { connectionWords } from './words.ts';

export const halfOpen: Kind = {
  name: 'half-open',
  title: 'The other side is gone, and nothing is scheduled that would tell',
  remedy:
    'Have something sent from time to time: SO_KEEPALIVE (its first probe comes after two hours unless TCP_KEEPIDLE says otherwise), a ping of the protocol, or a timeout of your own for an idle connection.',
  node: 'socket.setKeepAlive(true, milliseconds), or socket.setTimeout() with destroy().',
  source: 'RFC 9293, section 3.5.1 (half-open connections) and 3.8.4 (keep-alives); tcp(7)',
  find: (facts) => facts.ends.flatMap((end) => left(facts, end)),
};

const left = (facts: Facts, end: End): Found[] => {
  const { host, peer, connection } = end;
  const last = facts.rows(end).findLast(({ row }) => row.state === 'ESTABLISHED');
  if (!last) return [];
  const { row, sample } = last;
  // What waits to be sent is sent again, and answered or given up.
  if (row.timer || row.sendQ > 0 || row.inode === 0) return [];
  const after = facts.states(end).find(({ from }) => from === 'ESTABLISHED');
  if (after && after.cause?.kind !== 'process-end') return [];
  const other: End = { host: peer, peer: host, connection };
  const gone = facts.states(other).at(-1);
  const others = facts.samples(peer).findLast(({ begin }) => begin <= sample.end);
  if (gone?.to !== 'CLOSED' || gone.between[1] > sample.begin || !others || others.begin < gone.between[1]) return [];
  const who = whoHeld(facts, end, sample.begin);
  return [
    {
      sentence: `The ${host} still had ${connectionWords(connection)} in ESTABLISHED, and the ${peer} had no socket of it any more; no timer ran, so that the ${host} would have waited for ever.${who ? ` It is held by ${who}.` : ''}`,
      evidence: [gone.id, sample.id, others.id],
    },
  ];
};

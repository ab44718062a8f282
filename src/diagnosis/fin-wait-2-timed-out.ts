// A program has closed, the other side has not, and the kernel waits for that no longer: it forgets the connection.
import { span } from '../report/words/units.ts';
import { settingAt } from '../timeline/setting-at.ts';
import type { Found, Kind } from './diagnosis.ts';
import { arrivalOf, type End, type Facts } from './facts.ts';
import { whoHeld } from './holding.ts';
import { connectionWords } from './words.ts';

export const finWait2TimedOut: Kind = {
  name: 'fin-wait-2-timed-out',
  title: 'Closed on one side, and forgotten before the other side closed',
  remedy:
    'Find why the other side did not close: it is there that a close() is missing or late. On this side nothing is lost but that side’s last words; they are answered by a reset.',
  source: 'RFC 9293, section 3.6; tcp(7) on tcp_fin_timeout',
  find: (facts) => facts.ends.flatMap((end) => forgotten(facts, end)),
};

const forgotten = (facts: Facts, end: End): Found[] => {
  const { host, peer, connection } = end;
  const states = facts.states(end);
  const ended = states.find(
    ({ from, to, cause }) => from === 'FIN-WAIT-2' && to === 'CLOSED' && cause?.kind === 'timer',
  );
  const entered = states.findLast(({ to, at }) => to === 'FIN-WAIT-2' && at <= (ended?.at ?? 0));
  const seen = facts.rows(end).findLast(({ row }) => row.state === 'FIN-WAIT-2');
  // Only a socket that no process has any more is forgotten.
  if (!ended || !entered || !seen || seen.row.inode !== 0) return [];
  const timeout = settingAt(facts.timeline, host, 'net.ipv4.tcp_fin_timeout', entered.at);
  const other: End = { host: peer, peer: host, connection };
  const waiting = facts
    .rows(other)
    .findLast(({ sample, row }) => row.state === 'CLOSE-WAIT' && sample.begin < ended.at);
  const who = waiting && whoHeld(facts, other, waiting.sample.begin);
  const late = facts.received(end).find((segment) => arrivalOf(segment) > ended.between[1]);
  const reset = late && facts.sent(end).find(({ flags, at }) => flags.includes('R') && at >= arrivalOf(late));
  return [
    {
      sentence: `The ${host} had closed ${connectionWords(connection)}, and its kernel waited at least ${span(ended.between[0] - entered.between[1])} in FIN-WAIT-2 for the FIN of the ${peer} and then forgot the connection${timeout === undefined ? '' : ` (tcp_fin_timeout is ${timeout} s)`}.${who ? ` On the ${peer} it was held, in CLOSE-WAIT, by ${who}.` : ''}${reset ? ` What the ${peer} sent after that was answered by a reset.` : ''}`,
      evidence: [entered.id, seen.sample.id, ended.id, waiting?.sample.id, late?.id, reset?.id],
    },
  ];
};

// What was sent is not acknowledged: the kernel sends it again and again, and the program hears nothing for many minutes.
import { span } from '../report/words/units.ts';
import type { Found, Kind } from './diagnosis.ts';
import { arrivalOf, type End, type Facts } from './facts.ts';
import { givingUp } from './giving-up.ts';
import { connectionWords } from './words.ts';

/** One or two are nothing out of the ordinary. */
const fewest = 3;

export const noAnswer: Kind = {
  name: 'no-answer',
  title: 'Sent again and again, without an answer',
  remedy:
    'The way to the other side is broken, or it has gone without a word. A program that is to know sooner than the kernel gives up (tcp_retries2: some 15 minutes) sets TCP_USER_TIMEOUT, or has a timeout of its own.',
  node: 'socket.setTimeout(milliseconds, () => socket.destroy()) counts what is written as well: set one for the answer itself, such as AbortSignal.timeout().',
  source: 'RFC 9293, section 3.8.3; RFC 5482; tcp(7) on tcp_retries2 and TCP_USER_TIMEOUT',
  find: (facts) => facts.ends.flatMap((end) => lonely(facts, end)),
};

const lonely = (facts: Facts, end: End): Found[] => {
  const { host, peer, connection } = end;
  const sent = facts.sent(end).filter(({ flags, length }) => length > 0 || flags.includes('F'));
  const last = sent.at(-1);
  if (!last) return [];
  const again = sent.filter(({ seq, retransmissionOf }) => retransmissionOf !== undefined && seq === last.seq);
  const first = facts.event(again[0]?.retransmissionOf);
  if (again.length < fewest || first?.kind !== 'segment') return [];
  const isAnswered = facts.received(end).some((segment) => arrivalOf(segment) > first.at);
  if (isAnswered) return [];
  const lost = [first, ...again].filter(({ fate }) => fate === 'dropped').length;
  const told = [
    ...facts.calls(end).flatMap(({ id, returned }) => (returned?.errno === 'ETIMEDOUT' ? [id] : [])),
    ...facts.emits(end).flatMap(({ id, code }) => (code === 'ETIMEDOUT' ? [id] : [])),
  ];
  // What programs were told is known where their calls are.
  const isKnown = facts.calls(end).some(({ via }) => via !== 'process');
  const givenUp = facts
    .states(end)
    .find(({ to, cause, at }) => to === 'CLOSED' && cause?.kind === 'timer' && at > first.at);
  const outcome = told.length > 0 ? '; in the end the program got ETIMEDOUT' : isKnown ? '; no program was told' : '';
  const row = facts.rows(end).findLast(({ row: { timer } }) => timer !== undefined);
  const next =
    row && told.length === 0 && !givenUp
      ? ` It would be sent again ${span((row.row.timer?.expiresMs ?? 0) * 1e6)} after ss last looked.${givingUp(facts, end, { at: again[0]?.at ?? 0, isOrphan: !isHeld(facts, end, first.at) })}`
      : '';
  return [
    {
      sentence: `The ${host} sent ${what(last.flags, last.length)} on ${connectionWords(connection)} ${again.length + 1} times in ${span(last.at - first.at)}, and nothing came back from the ${peer}${lost > 0 ? ` (${lost} of them were lost on the wire)` : ''}${givenUp ? ', until its kernel gave up' : ''}${outcome}.${next}`,
      evidence: [first.id, ...again.map(({ id }) => id), givenUp?.id, ...told, row?.sample.id],
    },
  ];
};

/** Whether some process had the socket when it was sent again. */
const isHeld = (facts: Facts, end: End, since: number): boolean =>
  facts.rows(end).some(({ sample, row }) => sample.end > since && row.inode !== 0);

const what = (flags: string, length: number): string =>
  length > 0 ? `the same ${length} bytes` : flags.includes('F') ? 'its FIN' : 'the same';

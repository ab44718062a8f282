// close() sent nothing, for another process had the same socket: a child that inherited it.

import { span } from '../report/words/units.ts';
import type { Descriptor } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import type { End, Facts } from './facts.ts';
import { connectionWords } from './words.ts';

/** A child that ends at once closes it as well (ns). */
const patience = 200e6;

export const heldByChild: Kind = {
  name: 'held-by-child',
  title: 'Another process holds the socket, so that close() sent nothing',
  remedy:
    'Have sockets closed upon execve(2) (SOCK_CLOEXEC, FD_CLOEXEC), or close them in the child; shutdown() ends the connection whoever holds it.',
  node: 'Node opens its sockets close-on-exec: a child has one only where it was sent to it (subprocess.send(message, socket)) or named in stdio.',
  source: 'close(2), fork(2), open(2) on O_CLOEXEC',
  find: (facts) => facts.ends.flatMap((end) => heldOn(facts, end)),
};

/** strace writes down the end of a process when it is over, and its sockets are closed before (ns). */
const endsLate = 100e6;

/**
 * The processes that have a socket which another one has closed, and do nothing with it: they have it by mistake. One
 * that was given it, or serves it, has it by intention.
 */
export const idleHolders = (facts: Facts, end: End, closed: Descriptor): Descriptor[] => {
  const { until = Infinity, ended } = closed;
  if (ended !== 'close') return [];
  return facts
    .descriptors(end)
    .filter(({ process, how, from }) => process !== closed.process && how === 'fork' && from < until)
    .filter((one) => (one.until ?? facts.timeline.duration) - until > patience)
    .filter(({ process }) => !facts.calls(end).some((call) => call.process === process && call.at > until));
};

const heldOn = (facts: Facts, end: End): Found[] => {
  const all = facts.descriptors(end);
  const fins = facts.sent(end).filter(({ flags }) => /[FR]/.test(flags));
  return all.flatMap((closed): Found[] => {
    const { until = Infinity } = closed;
    const [other] = idleHolders(facts, end, closed);
    const sentUntil = other?.until ?? facts.timeline.duration;
    // A FIN before, or by a shutdown meanwhile, is the end all the same.
    if (!other || fins.some(({ at, cause }) => at < sentUntil - endsLate && cause?.kind === 'call')) return [];
    const close = facts
      .calls(end)
      .find(({ api, process, returned }) => api === 'close' && process === closed.process && returned?.at === until);
    return [
      {
        sentence: `${closed.process} (pid ${closed.pid}) closed descriptor ${closed.fd}, and the ${connectionWords(end.connection)} stayed open${other.until === undefined ? '' : ` for ${span(other.until - until)}`}: ${other.process} (pid ${other.pid}) has the same socket as descriptor ${other.fd}, inherited by fork(), and does nothing with it.`,
        evidence: [
          close?.id,
          ...fins.slice(0, 1).map(({ id }) => id),
          ...facts
            .states(end)
            .slice(-1)
            .map(({ id }) => id),
        ],
      },
    ];
  });
};

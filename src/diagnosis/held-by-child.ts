// close() sent nothing, for another process had the same socket: a child that inherited it, or was given it.

import { span } from '../report/words/units.ts';
import type { Descriptor } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import type { End, Facts } from './facts.ts';

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

const heldOn = (facts: Facts, end: End): Found[] => {
  const all = facts.descriptors(end);
  const fins = facts.sent(end).filter(({ flags }) => /[FR]/.test(flags));
  return all.flatMap((closed): Found[] => {
    const { until, ended } = closed;
    if (until === undefined || ended !== 'close') return [];
    const [other] = all.filter(
      (one) =>
        isOfAnother(one, closed) && one.from < until && (one.until ?? facts.timeline.duration) - until > patience,
    );
    const sentUntil = other?.until ?? facts.timeline.duration;
    // A FIN before, or by a shutdown meanwhile, is the end all the same.
    if (!other || fins.some(({ at }) => at < sentUntil - endsLate)) return [];
    const close = facts
      .calls(end)
      .find(({ api, process, returned }) => api === 'close' && process === closed.process && returned?.at === until);
    return [
      {
        sentence: `${closed.process} (pid ${closed.pid}) closed descriptor ${closed.fd}, and the connection #${end.connection.number} stayed open${other.until === undefined ? '' : ` for ${span(other.until - until)}`}: ${other.process} (pid ${other.pid}) has the same socket as descriptor ${other.fd} (${how[other.how]}).`,
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

const isOfAnother = (one: Descriptor, other: Descriptor) => one.process !== other.process;

const how: Record<Descriptor['how'], string> = {
  socket: 'it made it',
  accept: 'it accepted it',
  dup: 'a copy',
  fork: 'inherited by fork()',
  received: 'it was sent to it',
  unknown: 'since before the record',
};

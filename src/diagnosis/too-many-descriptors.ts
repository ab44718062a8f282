// No descriptor is left: accept() and socket() fail.
import type { Kind } from './diagnosis.ts';
import { count } from './words.ts';

export const tooManyDescriptors: Kind = {
  name: 'too-many-descriptors',
  title: 'No descriptor is left',
  remedy:
    'Look for sockets that are never closed before you raise the limit (ulimit -n, LimitNOFILE= of a service): a leak only takes longer then.',
  node: 'libuv accepts the connection and closes it at once when there is no descriptor: to the client the server hangs up.',
  source: 'getrlimit(2) on RLIMIT_NOFILE; accept(2) on EMFILE',
  find: (facts) => {
    const failed = facts.allCalls.filter(({ returned }) => /^E[MN]FILE$/.test(returned?.errno ?? ''));
    return [...Map.groupBy(failed, ({ host, process }) => `${host} ${process}`).values()].flatMap((all) => {
      const [first] = all;
      if (!first) return [];
      const open = (facts.timeline.descriptors ?? []).filter(
        (one) => one.process === first.process && one.from <= first.at && (one.until ?? Infinity) > first.at,
      );
      const holds = open.length === 0 ? '' : `: it holds ${count(open.length, 'TCP socket')} then`;
      return [
        {
          sentence: `${first.process} on the ${first.host} has no descriptor left: ${first.api}() failed ${count(all.length, 'time')} with ${first.returned?.errno}${holds}.`,
          evidence: all.map(({ id }) => id),
        },
      ];
    });
  },
};

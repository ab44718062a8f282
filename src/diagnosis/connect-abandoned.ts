// A program gave up connecting before there was any answer.
import { span } from '../report/words/units.ts';
import type { Found, Kind } from './diagnosis.ts';
import type { End, Facts } from './facts.ts';
import { attemptsOffTheWire, isOwn } from './off-the-wire.ts';
import { placeOf } from './words.ts';

export const connectAbandoned: Kind = {
  name: 'connect-abandoned',
  title: 'An attempt to connect was given up by the program itself',
  remedy:
    'Nothing answered: find out why (a firewall that drops, a host that is not there, a full accept queue). The kernel tries for two minutes (tcp_syn_retries), and for three seconds where no host answers for the address (EHOSTUNREACH); the timeout is the program’s own.',
  node: 'Where a name has several addresses Node gives each attempt 250 ms (autoSelectFamilyAttemptTimeout, "happy eyeballs"); else it is a timeout of yours, or of the library.',
  source: 'RFC 8305, section 5; tcp(7) on tcp_syn_retries',
  find: (facts) => [...facts.ends.flatMap((end) => attemptOf(facts, end)), ...offTheWire(facts)],
};

const attemptOf = (facts: Facts, end: End): Found[] => {
  const { host, connection } = end;
  if (connection.opener !== host) return [];
  const syns = facts.sent(end).filter(({ flags }) => flags === 'S');
  const [syn] = syns;
  const close = facts.calls(end).find(({ api, via }) => api === 'close' && via === 'strace');
  if (!syn || !close || facts.received(end).some(({ at }) => at < close.at)) return [];
  // One to whom the kernel has told the end has not given up by itself.
  const isTold = facts
    .calls(end)
    .some(
      ({ returned, at, api }) =>
        at < close.at &&
        (/^E(TIMEDOUT|HOSTUNREACH|NETUNREACH|CONNREFUSED)$/.test(returned?.errno ?? '') ||
          (api === 'getsockopt' && /^E/.test(String(returned?.value)))),
    );
  if (isTold) return [];
  const { address, port } = connection[end.peer];
  const connect = facts.calls(end).find(({ api }) => api === 'connect');
  return [
    {
      sentence: `${close.process} gave up connecting to ${placeOf(address, port)} after ${span(close.at - syn.at)}: its ${syns.length === 1 ? 'SYN had' : `${syns.length} SYNs had`} no answer, and it closed the socket.`,
      evidence: [connect?.id, ...syns.map(({ id }) => id), close.id],
    },
  ];
};

/** Of an attempt to reach an address that no host has no segment comes to the wire: nobody answers ARP for it. */
const offTheWire = (facts: Facts): Found[] =>
  attemptsOffTheWire(facts).flatMap(({ connect, remote, later }): Found[] => {
    const { host, process, returned, at } = connect;
    const close = later.find(({ api }) => api === 'close');
    // Whatever else it called on the socket, it may have been told by.
    const hasHeard = later.some((one) => one !== close && !/^(set|get)sock/.test(one.api));
    const isTold = later.some(({ api, args }) => api === 'getsockopt' && args.includes('SO_ERROR'));
    if (!close || hasHeard || isTold || returned?.errno !== 'EINPROGRESS' || isOwn(host, remote.address)) return [];
    return [
      {
        sentence: `${process} gave up connecting to ${placeOf(remote.address, remote.port)} after ${span(close.at - at)}: nothing of it came to the wire (no host answers for that address), and it closed the socket.`,
        evidence: [connect.id, close.id],
      },
    ];
  });

// bind(2) was refused: another socket has the port, or one that is closed still stands in TIME-WAIT.
import { listed } from '../report/words/text.ts';
import type { CallEvent, StateEvent } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import type { Facts } from './facts.ts';
import { holderWords } from './holding.ts';
import { count } from './words.ts';

export const addressInUse: Kind = {
  name: 'address-in-use',
  title: 'The address is in use',
  remedy:
    'Where another process listens, end it first, and wait for its end. Where only TIME-WAIT stands in the way, set SO_REUSEADDR before bind(): a server may listen beside it.',
  node: 'Node sets SO_REUSEADDR by itself: EADDRINUSE there means that another socket listens.',
  source: 'bind(2), socket(7) on SO_REUSEADDR; inet_csk_get_port() in net/ipv4/inet_connection_sock.c',
  find: (facts) => {
    const all = facts.allCalls
      .filter(({ api, returned }) => /^(bind|listen)$/.test(api) && returned?.errno === 'EADDRINUSE')
      .flatMap((call) => inTheWay(facts, call));
    return [...Map.groupBy(all, ({ sentence }) => sentence)].map(([sentence, alike]) => ({
      sentence: alike.length > 1 ? `${sentence} It tried ${alike.length} times.` : sentence,
      evidence: alike.flatMap(({ evidence }) => evidence),
    }));
  },
};

const inTheWay = (facts: Facts, call: CallEvent): Found[] => {
  const port = portOf(call);
  if (port === undefined) return [];
  const { host, process, at } = call;
  const samples = facts.samples(host);
  const before = samples.findLast(({ end }) => end <= at);
  const after = samples.find(({ begin }) => begin >= at);
  const rowsOf = (state: string) =>
    [before, after].map((sample) => sample?.rows.filter((row) => row.state === state && row.local.port === port) ?? []);
  const evidence = [call.id, before?.id, after?.id];
  const opening = `${process} could not have port ${port} of the ${host}`;
  const holder = (facts.timeline.descriptors ?? []).find(
    (one) =>
      one.host === host &&
      one.process !== process &&
      one.local?.port === port &&
      !one.remote &&
      one.from <= at &&
      (one.until ?? Infinity) > at,
  );
  if (holder)
    return [
      {
        sentence: `${opening}: ${holderWords([holder])} still has it.`,
        evidence,
      },
    ];
  if (rowsOf('LISTEN').every((rows) => rows.length > 0))
    return [{ sentence: `${opening}: another socket listens there.`, evidence }];
  const [waiting = []] = rowsOf('TIME-WAIT');
  const left = waiting.length > 0 ? [] : leftOf(facts, call, port);
  const reuses = facts.allCalls.some(
    (one) =>
      one.host === host &&
      one.process === process &&
      one.api === 'setsockopt' &&
      one.args.includes('SO_REUSEADDR') &&
      one.at < at,
  );
  if ((waiting.length === 0 && left.length === 0) || reuses) return [];
  const still =
    waiting.length > 0
      ? `${count(waiting.length, 'connection')} of that port still ${waiting.length === 1 ? 'stands' : 'stand'} in TIME-WAIT`
      : `of that port ${listed(left.map(({ connection, to }) => `connection #${connection} is still in ${to}`))}`;
  return [
    {
      sentence: `${opening}: ${still}, and it had not set SO_REUSEADDR.`,
      evidence: [...evidence, ...left.map(({ id }) => id)],
    },
  ];
};

/** Connections of a port that were in a state then, as far as their changes are known. */
const leftOf = (facts: Facts, { host, at }: CallEvent, port: number): StateEvent[] =>
  facts.ends
    .filter((end) => end.host === host && end.connection[host].port === port)
    .flatMap((end) => {
      const states = facts.states(end);
      const last = states.findLast(({ between }) => between[1] <= at);
      const isChanging = states.some(({ between }) => between[0] <= at && between[1] > at);
      return last && last.to !== 'CLOSED' && !isChanging ? [last] : [];
    });

const portOf = ({ args, local }: CallEvent): number | undefined => {
  const given = args.find((one): one is { port: number } => typeof one === 'object' && one !== null && 'port' in one);
  return given?.port ?? local?.port;
};

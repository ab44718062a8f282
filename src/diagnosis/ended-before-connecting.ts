// A program ended with an error before it had connected to anything.
import type { ProcessEvent } from '../timeline/schema.ts';
import type { Found, Kind } from './diagnosis.ts';
import type { Facts } from './facts.ts';

export const endedBeforeConnecting: Kind = {
  name: 'ended-before-connecting',
  title: 'A program ended with an error, and had not used the network',
  remedy: 'Look at what it printed: the fault lies before its first call on a socket.',
  source: 'exit(3); a shell says 127 of a command it does not find, and 126 of one it may not execute',
  // A program that has both ends is told of at each.
  find: (facts) =>
    [...Map.groupBy(facts.processes, ({ process, edge, pid }) => `${process} ${pid} ${edge}`).values()].flatMap(
      ([exit]) => (exit ? failureOf(facts, exit) : []),
    ),
};

const failureOf = (facts: Facts, exit: ProcessEvent): Found[] => {
  const { host, process, edge, code } = exit;
  const start = facts.processes.find((one) => one.host === host && one.process === process && one.edge === 'start');
  // A child is in the record because it inherited a socket: what it was there for is its parent's business.
  if (edge !== 'exit' || !code || !start?.traced || !start.command || /\[\d+\]$/.test(process)) return [];
  const isOwn = (name: string) => name === process || name.startsWith(`${process}[`);
  if (facts.allCalls.some((call) => call.via === 'strace' && isOwn(call.process))) return [];
  const printed = facts.timeline.events.filter((event) => event.kind === 'output' && event.process === process);
  const words = printed.flatMap((event) => (event.kind === 'output' ? [event.text.trim()] : []));
  const telling = words.find((line) => /error|not found|cannot|no such/i.test(line)) ?? words.at(-1);
  return [
    {
      sentence: `${process === host ? `The ${host}` : process} ended with exit code ${code} and never made a call on a TCP socket${telling ? `: ${JSON.stringify(telling.slice(0, 120))}` : ', and it printed nothing'}.`,
      evidence: [exit.id, ...printed.slice(-3).map(({ id }) => id)],
    },
  ];
};

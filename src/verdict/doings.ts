// What is asked of programs: what they called, what their sockets told them, what they read. Only a process that is told every call has
// each of them recorded; of any other program nobody knows which calls it makes.

import type { HostName } from '../record/hosts.ts';
import type { CallEvent, Connection, EmitEvent } from '../timeline/schema.ts';
import { agrees, type CallFilter, type EmitFilter, matchesApi } from './filters.ts';
import { type Observation, observed, unobserved } from './observation.ts';
import type { Part } from './part.ts';
import { type Read, readsIn } from './reads.ts';

/**
 * Which calls were made? Signals, input, sysctls and routes are always recorded, socket calls only of driven processes: where another program
 * was there as well, those that were recorded need not be all.
 */
export const callsOf = (part: Part, { api, ...filter }: CallFilter): Observation<CallEvent[]> => {
  const asked = [api ?? []].flat();
  const found = part.ofKind('call', filter.host).filter((event) => agrees(event, filter) && matchesApi(event.api, api));
  const isAnswer = asked.length > 0 && asked.every((one) => ofTheScript.has(one));
  const unseen = isAnswer ? undefined : programIn(part, filter);
  return unseen === undefined
    ? observed(found)
    : unobserved(`the socket calls of ${unseen} were not recorded (to ask about another process, name it)`);
};

/** Which events did Node's objects emit? Only a Node process tells any. */
export const emitsOf = (part: Part, filter: EmitFilter): Observation<EmitEvent[]> => {
  const { host, process } = filter;
  if (host !== undefined && process !== undefined && part.index.isRaw(host, process))
    return unobserved(emitsNothing(process));
  return toldOf(
    part,
    filter,
    part.ofKind('emit', host).filter((event) => agrees(event, filter)),
  );
};

/** Whether one end of a connection is in the hands of Node, which tells what becomes of it. */
export const heldByNode = (part: Part, connection: Connection, host: HostName): Observation<undefined> => {
  const holders = [...part.index.holders(host, connection.number)];
  const [raw] = holders.every((process) => part.index.isRaw(host, process)) ? holders : [];
  return raw === undefined ? heldByDriven(part, connection, host) : unobserved(emitsNothing(raw));
};

const emitsNothing = (process: string) =>
  `the process ${process} makes its calls itself and emits nothing: ask what its calls have returned`;

/** What was read on a host, or by one process of it? */
export const readsOf = (part: Part, host: HostName, process?: string): Observation<Read[]> =>
  toldOf(part, { host, ...(process !== undefined && { process }) }, readsIn(part, host, process));

/** Whether what programs did with one end of a connection was recorded: a driven process holds it, or none other was there. */
export const heldByDriven = (part: Part, connection: Connection, host: HostName): Observation<undefined> => {
  const { holders, isListenedOn } = part.index;
  if (holders(host, connection.number).size > 0 || isListenedOn(host, connection[host].port))
    return observed(undefined);
  const unseen = programIn(part, { host });
  return unseen
    ? unobserved(
        `what was done with connection #${connection.number} on the ${host} was not recorded: ${unseen} may hold it`,
      )
    : observed(undefined);
};

/** What was told is all there was only where no other program could have been told more. */
const toldOf = <T>(part: Part, filter: { host?: HostName; process?: string; target?: string }, found: T[]) => {
  const unseen = filter.target !== undefined ? undefined : programIn(part, filter);
  return unseen
    ? unobserved(`what ${unseen} read and was told was not recorded (to ask about another process, name it)`)
    : observed(found);
};

/** A program of the host that lived in the span and whose calls nobody recorded; of one process alone, whether it is such a program. */
const programIn = (part: Part, { host, process }: { host?: HostName; process?: string }): string | undefined => {
  if (host !== undefined && process !== undefined && part.index.isDriven(host, process)) return undefined;
  return part.index.programs.find(
    (life) =>
      (host === undefined || life.host === host) &&
      (process === undefined || life.process === process) &&
      life.from <= part.to &&
      life.to >= part.from,
  )?.process;
};

/** What the script does to a host or a process from without. */
const ofTheScript = new Set(['kill', 'freeze', 'thaw', 'exit', 'crash', 'input', 'endInput', 'sysctl', 'route']);

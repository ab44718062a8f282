// What is asked of programs: what they called, what their sockets told them, what they read. Only a process that is
// told every call has each of them recorded; of any other program nobody knows which calls it makes.

import { textIn } from '../../record/fields.ts';
import type { HostName } from '../../record/hosts.ts';
import { endsAt } from '../../timeline/connection-index.ts';
import type { CallEvent, Connection, EmitEvent, OutputEvent, ProcessEvent } from '../../timeline/schema.ts';
import { agrees, type CallFilter, type EmitFilter, matchesApi } from './filters.ts';
import { filterKnown, namesKnown } from './names.ts';
import { type Observation, observed, unobserved } from './observation.ts';
import type { Part } from './part.ts';
import { type Read, readsIn } from './reads.ts';
import { seconds } from './seconds.ts';

/**
 * Which calls were made? Those that the script asked for are always recorded, and input and the end of a driven process
 * are nobody else's. Socket calls are recorded of driven processes; signals, sysctls and routes where no program could
 * have done the same. Where another program was there as well, those that were recorded need not be all.
 */
export const callsOf = (part: Part, { api, ...filter }: CallFilter): Observation<CallEvent[]> => {
  const asked = [api ?? []].flat();
  const named = filterKnown('call', { ...filter, api }, part.timeline);
  if (!named.observed) return named;
  const found = part.ofKind('call', filter.host).filter((event) => agrees(event, filter) && matchesApi(event.api, api));
  if (filter.by === 'script') return observed(found);
  const recorded = tellsOf(part, asked, filter);
  if (!recorded.observed) return recorded;
  const outsider = asked.some((one) => ofAnyone.has(one))
    ? part.index.programIn(part, { host: filter.host })
    : undefined;
  if (outsider)
    return unobserved(
      `${outsider.process} ran on the ${outsider.host}: which signals it sent, and which sysctls and routes it set, was not recorded (to ask what the script did, say by: 'script')`,
    );
  const isAnswer = asked.length > 0 && asked.every((one) => ofAnyone.has(one) || ofTheScript.has(one));
  const unseen = isAnswer ? undefined : programIn(part, filter);
  return unseen === undefined
    ? observed(found)
    : unobserved(`the socket calls of ${unseen} were not recorded (to ask about another process, name it)`);
};

/** Whether calls of these names are recorded of every process that is driven: Node makes some that nobody is told of. */
export const tellsOf = (
  part: Part,
  names: readonly string[],
  { host, process }: Pick<CallFilter, 'host' | 'process'>,
): Observation<undefined> => {
  const ofNode = names.filter((name) => ofLibuv.has(name));
  const node = ofNode.length > 0 ? part.index.nodeIn(part, { host, process }) : undefined;
  return node === undefined
    ? observed(undefined)
    : unobserved(
        `${node.process} is a process of Node, whose own ${ofNode.join(', ')} is not recorded: ask what its sockets emit, or another process by its name`,
      );
};

/**
 * What a sysctl was when the script last read or set it, as long as no program ran on the host since that could have
 * set it as well.
 */
export const settingOf = (
  part: Part,
  host: HostName,
  name: string,
): Observation<{ id: string; value: string } | undefined> => {
  const asked = part.ofKind('call', host).filter(({ api, args }) => api === 'sysctl' && args[0] === name);
  const last = asked.findLast(({ returned }) => returned?.value !== undefined);
  const value = textIn(last?.returned?.value, 'after');
  if (!last || value === undefined)
    return asked.some(({ returned }) => returned?.errno !== undefined)
      ? observed(undefined)
      : unobserved(
          `the script neither read nor set ${name} of the ${host} in this part: \`${host}.sysctl('${name}')\` reads it`,
        );
  const since = part.index.programIn({ from: last.at, to: part.to }, { host });
  return since
    ? unobserved(
        `${since.process} ran on the ${host} after the script had read or set ${name} (at ${seconds(last.at)}), and may have set it as well`,
      )
    : observed({ id: last.id, value });
};

/** How processes started and ended; that one was stopped or continued by a program is not recorded. */
export const processesOf = (part: Part, host: HostName, edge?: ProcessEvent['edge']): Observation<ProcessEvent[]> => {
  const named = namesKnown({ edge }, part.timeline);
  if (!named.observed) return named;
  const found = part.ofKind('process', host).filter((event) => agrees(event, { edge }));
  const vague = edge === undefined || edge === 'exit' ? endAcross(part, host) : undefined;
  if (vague)
    return unobserved(`whether ${vague.process} ended here is not known: it was told at ${seconds(vague.between[1])}`);
  const isSignal = edge === 'stop' || edge === 'continue';
  const sender = isSignal && found.length === 0 ? programIn(part, { host }) : undefined;
  return sender === undefined
    ? observed(found)
    : unobserved(`${sender} ran on the ${host}: which signals it sent was not recorded`);
};

/** The end of a process that was before one of the part's edges or after it: only the span of it is known. */
const endAcross = (
  { timeline, from, to }: Part,
  host: HostName,
): { process: string; between: [number, number] } | undefined => {
  const isAcross = ([earliest, latest]: [number, number]) =>
    [from, to].some((edge) => earliest < edge && edge < latest);
  for (const event of timeline.events)
    if (event.kind === 'process' && event.host === host && event.between && isAcross(event.between))
      return { process: event.process, between: event.between };
  return undefined;
};

/** Which events did Node's objects emit? Only a Node process tells any. */
export const emitsOf = (part: Part, filter: EmitFilter): Observation<EmitEvent[]> => {
  const { host, process } = filter;
  const named = filterKnown('emit', filter, part.timeline);
  if (!named.observed) return named;
  if (host !== undefined && process !== undefined && part.index.isRaw(host, process))
    return unobserved(emitsNothing(process));
  return ofWitnessed(
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

/** What programs wrote to their outputs? */
export const outputOf = (part: Part, host: HostName, process?: string): Observation<OutputEvent[]> => {
  const named = namesKnown({ process }, part.timeline);
  if (!named.observed) return named;
  const found = part.ofKind('output', host).filter((event) => agrees(event, { process }));
  const late = process === undefined ? undefined : found.find(({ afterItsEnd }) => afterItsEnd);
  return late
    ? unobserved(
        `what was read from ${process} after its end (${late.id}) may have been printed by what it left behind`,
      )
    : observed(found);
};

/** What was read on a host, or by one process of it? */
export const readsOf = (part: Part, host: HostName, process?: string): Observation<Read[]> => {
  const named = namesKnown({ process }, part.timeline);
  if (!named.observed) return named;
  return ofWitnessed(part, { host, ...(process !== undefined && { process }) }, readsIn(part, host, process));
};

/** Whether what programs did with one end of a connection was recorded: a driven process holds it, or none other was there. */
export const heldByDriven = (part: Part, connection: Connection, host: HostName): Observation<undefined> => {
  const { holders, isListenedOn, nameless } = part.index;
  const [{ port }] = endsAt(connection, host);
  if (holders(host, connection.number).size > 0) return observed(undefined);
  const accepted = nameless(host, port);
  if (accepted)
    return unobserved(
      `what ${accepted.process} accepted at ${seconds(accepted.at)} had been reset before, and may be connection #${connection.number}: nothing tells which one it was (${accepted.id})`,
    );
  if (isListenedOn(host, port)) return observed(undefined);
  const unseen = programIn(part, { host });
  return unseen
    ? unobserved(
        `what was done with connection #${connection.number} on the ${host} was not recorded: ${unseen} may hold it`,
      )
    : observed(undefined);
};

/** What was told is all there was only where no other program could have been told more. */
const ofWitnessed = <T>(part: Part, filter: { host?: HostName; process?: string; target?: string }, found: T[]) => {
  const unseen = filter.target !== undefined ? undefined : programIn(part, filter);
  return unseen
    ? unobserved(`what ${unseen} read and was told was not recorded (to ask about another process, name it)`)
    : observed(found);
};

/**
 * A program of the host that lived in the span and whose calls nobody recorded; of one process alone, whether it is
 * such a program.
 */
const programIn = (
  part: Part,
  { host, process }: { host?: HostName | undefined; process?: string | undefined },
): string | undefined => {
  if (host !== undefined && process !== undefined && part.index.isDriven(host, process)) return undefined;
  return part.index.programIn(part, { host, process })?.process;
};

/** What Node does within its own methods and events, and nobody is told of. */
const ofLibuv = new Set(['socket', 'bind', 'accept', 'recv', 'read', 'send']);
/** What the script alone does to a process from without. */
const ofTheScript = new Set(['exit', 'crash', 'input', 'endInput']);
/** What a program on the host can do as well. */
const ofAnyone = new Set(['kill', 'freeze', 'thaw', 'sysctl', 'route', 'ip']);

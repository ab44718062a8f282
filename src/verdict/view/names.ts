// The names a question may be asked by. One that is misspelt would find nothing, and nothing is an answer.

import { flagLetters, parseFlags } from '../../packet/flags.ts';
import { hostsIn } from '../../record/hosts.ts';
import { tcpState } from '../../record/tcp-state.ts';
import { processEvent, type Timeline, type TimelineEvent } from '../../timeline/schema.ts';
import { segmentEvent } from '../../timeline/segment-event.ts';
import { type Observation, observed, unobserved } from './observation.ts';

/**
 * By where they come from: raw processes, programs that strace watches, Node's own and its objects, what is done to a
 * process, what is done to a host.
 */
const calls = [
  'socket bind listen accept connect send write recv read shutdown close dup share',
  'readv recvmsg recvmmsg writev sendmsg sendmmsg sendfile splice',
  'setsockopt getsockopt getsockname getpeername poll fcntl nonblock signal exit crash',
  'listenOn end destroy destroySoon resetAndDestroy pause resume setKeepAlive setNoDelay setTimeout react',
  'bytesRead bytesWritten address getConnections maxConnections readStart readStop reset',
  'kill freeze thaw input endInput',
  'sysctl route ip',
];
const emits = ['connection connect data end error close timeout drain listening drop writeError'];
const operations = ['cut restore link drop hold release delay duplicate nat replay inject freeRun lockstep script'];

/** What a filter can tell, by what it is asked of; where that is a name, the kind of names it is one of. */
const filterKeys: Record<'segment' | 'call' | 'emit' | 'row' | 'state', Record<string, keyof Asked | 'any'>> = {
  segment: { from: 'host', flags: 'any', fate: 'fate', role: 'role', origin: 'origin' },
  call: { host: 'host', process: 'process', api: 'call', by: 'by', target: 'any' },
  emit: { host: 'host', process: 'process', name: 'emit', target: 'any' },
  row: { localPort: 'any', peerPort: 'any', state: 'state' },
  state: { localPort: 'any', to: 'state' },
};

const setOf = (lines: string[]) => new Set(lines.flatMap((line) => line.split(' ')));
const { role, fate, origin } = segmentEvent.shape;

const kinds = {
  call: { known: setOf(calls), what: 'no call is named' },
  emit: { known: setOf(emits), what: 'Node emits nothing that is named' },
  operation: { known: setOf(operations), what: 'nothing that is done to the wire is named' },
  state: { known: new Set<string>(tcpState.options), what: 'no state of TCP is named' },
  edge: { known: new Set<string>(processEvent.shape.edge.options), what: 'nothing that becomes of a process is named' },
  role: { known: new Set<string>(role.unwrap().options), what: 'no role of a segment is named' },
  fate: { known: new Set<string>(fate.options), what: 'no fate of a segment is named' },
  origin: { known: new Set<string>(origin.options), what: 'no origin of a segment is named' },
  host: { known: new Set<string>(), what: 'no host is named' },
  process: { known: new Set<string>(), what: 'no process of this run is named' },
  by: { known: new Set<string>(['script', 'node']), what: 'nobody who calls is named' },
};

/** What was asked for, by kind: one name, several, or none. */
type Asked = { [kind in keyof typeof kinds]?: string | readonly string[] | undefined };

/** Whether there are such names; those of the run's own record are among them. */
export const namesKnown = (asked: Asked, { events, capture }: Timeline): Observation<undefined> => {
  const hosts: string[] = hostsIn(capture);
  for (const [kind, { known, what }] of Object.entries(kinds)) {
    const names = [asked[kind as keyof Asked] ?? []].flat();
    const isKnown = (name: string) =>
      known.has(name) ||
      (kind === 'host' ? hosts.includes(name) : events.some((event) => nameOf(event, kind) === name));
    const strange = names.find((name) => !isKnown(name));
    if (strange !== undefined)
      return unobserved(`${what} ${typeof strange === 'string' ? `'${strange}'` : JSON.stringify(strange)}`);
  }
  return observed(undefined);
};

/** Whether a filter asks by what there is: its keys, the names it gives, the letters of its flags. */
export const filterKnown = (
  kind: keyof typeof filterKeys,
  filter: object,
  timeline: Timeline,
): Observation<undefined> => {
  const keys = filterKeys[kind];
  const strange = Object.keys(filter).find((key) => !Object.hasOwn(keys, key));
  if (strange !== undefined)
    return unobserved(`a ${kind} cannot be asked for by '${strange}': ${Object.keys(keys).join(', ')} are known`);
  const { flags } = filter as { flags?: string };
  if (flags !== undefined && flagLetters(parseFlags(flags)) !== flags)
    return unobserved(`no flags are written '${flags}': the order is that of tcpdump, FSRP.UEW`);
  const asked = Object.entries(filter).flatMap(([key, value]) => (keys[key] === 'any' ? [] : [[keys[key], value]]));
  return namesKnown(Object.fromEntries(asked), timeline);
};

const nameOf = (event: TimelineEvent, kind: string): string | undefined => {
  if (event.kind === 'call' && kind === 'call') return event.api;
  if (event.kind === 'emit' && kind === 'emit') return event.name;
  if (kind === 'process') return 'process' in event ? event.process : undefined;
  return event.kind === 'wire' && kind === 'operation' ? event.operation : undefined;
};

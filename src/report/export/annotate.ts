// The captures of a run with the timeline's words on each packet, for Wireshark: one file per host, so that Wireshark's
// own analysis of what a host saw stays right, and one with both, where each packet stands at the place and time it was
// captured.
import { nanosecondsBetween } from '../../packet/instant.ts';
import { type CapturedPacket, readPcap } from '../../packet/pcap.ts';
import { type CommentedPacket, encodePcapng } from '../../packet/pcapng.ts';
import { type HostName, hostNames, hostsIn, perHost } from '../../record/hosts.ts';
import type { Cause, SegmentEvent, StateEvent, Timeline, TimelineEvent } from '../../timeline/schema.ts';
import type { Result } from '../../verdict/schema.ts';
import { describeEvent } from '../words/one-line.ts';
import { programWords } from '../words/program-words.ts';
import { timerWords } from '../words/words.ts';

type Captures = Record<HostName, Uint8Array>;

/** File name → bytes: client.pcapng, server.pcapng and so on, timeline.pcapng. */
export const annotateCaptures = ({
  timeline,
  result,
  captures,
}: {
  timeline: Timeline;
  result: Result;
  captures: Captures;
}): Record<string, Uint8Array> => {
  const comments = commentsOf(timeline);
  const of = (host: HostName, on: number): CommentedPacket[] =>
    readPcap(captures[host]).packets.map((packet: CapturedPacket) => ({
      ...packet,
      interface: on,
      comment: comments[host].get(packet.index),
    }));
  const about = sectionComment(result);
  const application = `finwait ${result.environment.finwait}`;
  const hosts = hostsIn(captures);
  const packets = perHost((host) => of(host, hosts.indexOf(host)), hosts);
  const all = Object.values(packets)
    .flat()
    .sort((a, b) => nanosecondsBetween(b, a));
  const only = (host: HostName) =>
    encodePcapng({
      interfaces: [named(host)],
      packets: packets[host].map((packet) => ({ ...packet, interface: 0 })),
      comment: about,
      application,
    });
  return {
    ...Object.fromEntries(hosts.map((host) => [`${host}.pcapng`, only(host)])),
    'timeline.pcapng': encodePcapng({
      interfaces: hosts.map(named),
      packets: all,
      comment: `${about}\n\n${bothWords}`,
      application,
    }),
  };
};

const named = (host: HostName) => ({ name: host, description: `the ${host}'s end of the wire` });

const bothWords =
  'This file holds the captures of all hosts, merged by time: every delivered segment stands in it twice, once as the sender saw it and once as the receiver did. ' +
  'Wireshark takes the second copy for a retransmission, so its own analysis is wrong here: use client.pcapng or server.pcapng for that. The display filter frame.interface_name == "client" shows one vantage.';

const sectionComment = ({ experiment, title, startedAt, environment, findings }: Result): string =>
  [
    `finwait: ${title} (${experiment})`,
    `${startedAt}, Linux ${environment.kernel}, Node ${environment.node}, wire ${environment.wireMode}`,
    ...findings.map(({ id, verdict, statement }) => `${id} ${verdict}: ${statement}`),
  ].join('\n');

/** By host and by the packet's number in its capture. */
const commentsOf = (timeline: Timeline): Record<HostName, Map<number, string>> => {
  const { events } = timeline;
  const comments = perHost(() => new Map<number, string>());
  const byId = new Map(events.map((event) => [event.id, event]));
  const changes = Map.groupBy(
    events.filter((event): event is StateEvent => event.kind === 'state' && event.cause?.kind === 'segment'),
    ({ cause }) => (cause && 'event' in cause ? cause.event : ''),
  );
  const states = statesAfter(timeline);
  for (const event of events) {
    if (event.kind !== 'segment') continue;
    const words = commentOf(event, byId, changes.get(event.id) ?? [], states.get(event.id));
    for (const host of hostNames) {
      const number = event.packet[host];
      if (number !== undefined) comments[host].set(number, words);
    }
  }
  return comments;
};

const commentOf = (
  event: SegmentEvent,
  byId: Map<string, TimelineEvent>,
  changes: StateEvent[],
  states: States | undefined,
): string => {
  const { cause } = event;
  const causedBy = cause && 'event' in cause ? byId.get(cause.event) : undefined;
  const call = callBehind(causedBy, byId);
  return [
    describeEvent(event),
    cause ? `cause: ${causeWords(cause, causedBy, event)}` : '',
    call && call !== causedBy ? `call: ${describeEvent(call)}` : '',
    ...changes.map((change) => `then: ${describeEvent(change)}`),
    statesWords(states),
  ]
    .filter(Boolean)
    .join('\n');
};

const statesWords = (states: States | undefined): string => {
  const known = hostNames.filter((host) => states?.[host] !== undefined);
  return known.length === 0 ? '' : `states after it: ${known.map((host) => `${host} ${states?.[host]}`).join(', ')}`;
};

const causeWords = (cause: Cause, causedBy: TimelineEvent | undefined, event: TimelineEvent): string => {
  if (cause.kind === 'programs') return programWords(cause, event);
  if (!causedBy) return timerWords(cause) ?? cause.kind;
  return cause.kind === 'program'
    ? `${programWords(cause, event)}: ${describeEvent(causedBy)}`
    : describeEvent(causedBy);
};

/** The call at the beginning of the chain of causes, where there is one. */
const callBehind = (event: TimelineEvent | undefined, byId: Map<string, TimelineEvent>): TimelineEvent | undefined => {
  let at = event;
  for (let far = 0; at && far < 50; far++) {
    if (at.kind === 'call') return at;
    at = at.cause && 'event' in at.cause ? byId.get(at.cause.event) : undefined;
  }
  return undefined;
};

type States = Record<HostName, string | undefined>;

/** The states of both ends of the segment's connection once it had arrived, or been lost; undefined where nobody knows. */
const statesAfter = ({ events, samples }: Timeline): Map<string, States> => {
  const after = new Map<string, States>();
  const states = Map.groupBy(
    events.filter((event): event is StateEvent => event.kind === 'state' && event.connection !== undefined),
    ({ connection, host }) => `${connection} ${host}`,
  );
  // ss does not read all sockets at one moment: what it showed was so when it began to look.
  const looks = new Map(samples.map(({ id, begin }) => [id, begin]));
  for (const event of events) {
    if (event.kind !== 'segment') continue;
    const of = (host: HostName) => stateAfter(event, states.get(`${event.connection} ${host}`) ?? [], looks);
    after.set(event.id, perHost(of));
  }
  return after;
};

/**
 * Within the span of a change it is not known which of the two states there was, unless the segment made it; nor since
 * the sample before, where more than one change lies between. `looks`: when each sample began.
 */
export const stateAfter = (
  segment: SegmentEvent,
  changes: StateEvent[],
  looks: ReadonlyMap<string, number>,
): string | undefined => {
  const moment = segment.receivedAt ?? segment.at;
  let state: string | undefined = changes[0]?.from;
  for (const { to, between, cause, unseen, before = '' } of changes) {
    if (cause?.kind === 'segment' && cause.event === segment.id) return to;
    const from = unseen ? (looks.get(before) ?? Number.NEGATIVE_INFINITY) : between[0];
    if (moment < from) return state;
    state = between[1] <= moment ? to : undefined;
  }
  return state;
};

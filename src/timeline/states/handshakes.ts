// What the handshakes on a port tell of its listener: nothing else answers a SYN that nobody on its host asked for.
import { arrivalOf } from '../causes/causes.ts';
import { has } from '../segments/segment-flags.ts';
import type { SpanEvidence } from './span-bounds.ts';
import type { Traffic } from './state-surroundings.ts';
import type { StateDraft } from './states.ts';

/**
 * When a listener that has gone was last at work for a handshake between the two samples. Undefined where another one on its port
 * may have done so, or where the kernel's report of its end is missing: then others may be missing as well.
 */
export const lastHandshake = (draft: StateDraft, evidence: SpanEvidence): number | undefined => {
  const { host, local, between } = draft.event;
  const [from, to] = between;
  if (!isAlone(draft, evidence)) return undefined;
  const times = evidence.connections.flatMap(({ number, opener, [host]: own }) =>
    opener === undefined || opener === host || own?.port !== local.port
      ? []
      : workOnHandshake(evidence.traffic(host, number), number),
  );
  const within = times.filter((at) => at >= from && at <= to);
  return within.length === 0 ? undefined : Math.max(...within);
};

/**
 * When a listener was at work for a connection: it sent a SYN-ACK, or took the ACK that ends the handshake. Where there
 * is none any more the kernel answers that ACK with a reset (tcp_check_req() in net/ipv4/tcp_minisocks.c).
 */
const workOnHandshake = ({ sent, received, arrivals }: Traffic, connection: number): number[] => {
  const answers = sent.filter(({ event }) => has(event, 'S') && has(event, '.')).map(({ event }) => event.at);
  const last = received.find(
    (draft) => draft.event.connection === connection && has(draft.event, '.') && arrivals(draft).isTaken,
  );
  const isOpen = last && sent.some(({ event }) => event.at > arrivalOf(last) && !has(event, 'S') && !has(event, 'R'));
  return isOpen ? [...answers, arrivalOf(last)] : answers;
};

/** Whether no other socket can have listened on the port: neither one that a sample shows, nor one that was destroyed unseen. */
const isAlone = (draft: StateDraft, { states, destroyed }: SpanEvidence): boolean => {
  const { host, socket, local, between } = draft.event;
  const [from, to] = between;
  const cookie = draft.rowBefore?.cookie;
  const ended = destroyed.filter(
    (one) =>
      one.host === host && one.local.port === local.port && one.peer.port === 0 && one.at >= from && one.at <= to,
  );
  if (!cookie || ended.length !== 1 || ended[0]?.cookie !== cookie) return false;
  const others = states.filter(
    ({ event }) => event.host === host && event.local.port === local.port && event.socket !== socket,
  );
  const hasEnded = new Set(
    others.flatMap(({ event }) => (event.from === 'LISTEN' && event.between[1] <= from ? [event.socket] : [])),
  );
  return others.every(({ event }) => event.to !== 'LISTEN' || event.between[0] >= to || hasEnded.has(event.socket));
};

// The call that asked for what a segment sends.
import type { CallDraft } from '../calls/api-events.ts';
import type { CallIndex, Found } from '../calls/calls.ts';
import { latestClosing } from '../calls/closing.ts';
import type { SegmentEvent } from '../schema.ts';
import { has } from '../segments/segment-flags.ts';
import { type CauseContext, socketOf } from './causes.ts';

export const latestAsking = (
  event: SegmentEvent,
  context: Pick<CauseContext, 'calls' | 'holders'>,
): Found | undefined => {
  const { calls } = context;
  const { from, connection, source, at } = event;
  const closing = latestClosing(socketOf(event), at, context);
  if (!has(event, 'F') && !has(event, 'R')) {
    const writing = writingOf(event, calls);
    // Node's end('last words') writes as well.
    const { api, args } = closing?.call.event ?? {};
    const writes =
      closing && api === 'end' && args?.length && (!writing || writing.made.event.at < closing.call.event.at);
    if (writes) return { call: closing.call, made: closing.call };
    // What was kept back until now leaves within the call that lets it go.
    const push = calls.latest('push', from, connection, at);
    return writing && push && push.made.event.at > writing.made.event.at && isUnderWay(push, at) ? push : writing;
  }
  if (closing) return closing;
  const listener = has(event, 'R') ? calls.latestOnListener('close', from, source.port, at) : undefined;
  return listener && isUnderWay(listener, at) ? listener : undefined;
};

/** The latest write; of several under way at once, which the kernel takes in any order, the one whose data it sends. */
const writingOf = (event: SegmentEvent, calls: CallIndex): Found | undefined => {
  const { from, connection, at } = event;
  const atOnce = calls.underWay('write', from, connection, at);
  if (atOnce.length < 2) return calls.latest('write', from, connection, at);
  const holding = [isAll, isLastOf, isPartOf].map((fits) => atOnce.filter((one) => fits(textOf(one), event)));
  const [call, ...others] = holding.find((found) => found.length > 0) ?? [];
  return call && others.length === 0 ? { call, made: call } : undefined;
};

/** A write with MSG_FASTOPEN connects as well (tcp(7), RFC 7413). */
export const fastOpened = (
  { from, connection, at }: SegmentEvent,
  { calls }: Pick<CauseContext, 'calls'>,
): CallDraft | undefined => {
  const wrote = calls.latest('write', from, connection, at)?.call;
  return wrote?.event.args.some((arg) => String(arg).includes('MSG_FASTOPEN')) ? wrote : undefined;
};

/** In hexadecimal, as a segment has it; `{ bytes }` stands for more than is kept. */
const textOf = ({ event: { args } }: CallDraft): string =>
  Buffer.from(args.find((argument) => typeof argument === 'string') ?? '').toString('hex');

const isAll = (text: string, { payload }: SegmentEvent) => text !== '' && payload === text;
const isLastOf = (text: string, { payload }: SegmentEvent) => text !== '' && payload?.endsWith(text);
const isPartOf = (text: string, { payload }: SegmentEvent) => text === '' || text.includes(payload ?? '');

/**
 * close() and shutdown() send the FIN themselves, where no other process holds the socket and nothing is before it in
 * the queue.
 */
export const isUnderWay = ({ made }: Found, at: number): boolean => at <= (made.event.returned?.at ?? at) + queueing;

/** When a call had given all its data to the kernel. */
export const givenBy = ({ event, writesUntil }: CallDraft): number | undefined => writesUntil ?? event.returned?.at;

/** What a call has put into the queue leaves it this soon, where nothing holds it up: the softirq of another core (ns). */
export const queueing = 5e6;

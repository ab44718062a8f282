// What Node was given to write before it was connected: it keeps that, and writes it in order once it is.
import { numberIn } from '../../record/fields.ts';
import type { CallDraft } from '../calls/api-events.ts';
import type { SegmentEvent } from '../schema.ts';
import type { Surroundings } from '../segments/roles.ts';
import { has } from '../segments/segment-flags.ts';
import { arrivalOf, type CauseContext } from './causes.ts';

/**
 * The call that had given Node the last byte of a segment before the connection was open. Of a first flight: what is
 * left over later segments set free. Undefined where it is not known how much each call gave.
 */
export const earlyWrite = (
  event: SegmentEvent,
  { lastReceived }: Surroundings,
  { calls, connections }: Pick<CauseContext, 'calls' | 'connections'>,
): CallDraft | undefined => {
  const { from, connection, seq, length } = event;
  if (length === 0 || has(event, 'S') || !lastReceived || !has(lastReceived.event, 'S')) return undefined;
  if (connections[connection]?.opener !== from) return undefined;
  let next = 1;
  for (const call of calls.givenToNode(from, connection, arrivalOf(lastReceived))) {
    const bytes = bytesOf(call);
    if (bytes === undefined) return undefined;
    next += bytes;
    if (seq + length <= next) return call;
  }
  return undefined;
};

/** A text, or a filler of so many bytes (src/host/payload.ts); what else a call takes gives none. */
const bytesOf = ({ event: { api, args } }: CallDraft): number | undefined => {
  const [payload] = args;
  if (typeof payload === 'string') return Buffer.byteLength(payload);
  return numberIn(payload, 'bytes') ?? (api === 'end' && payload === undefined ? 0 : undefined);
};

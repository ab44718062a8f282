// What the flags of a segment say.
import type { SegmentEvent } from '../schema.ts';

/** The sequence number after the segment: SYN and FIN take one each. */
export const endOf = (event: SegmentEvent): number =>
  event.seq + event.length + (has(event, 'S') ? 1 : 0) + (has(event, 'F') ? 1 : 0);

/** Whether a flag is set, by its letter: S F R P . U E W. */
export const has = ({ flags }: SegmentEvent, letter: string): boolean => flags.includes(letter);

/** ACK and no other flag. ECE and CWR may stand beside it: they tell of congestion (RFC 3168), and of nothing else. */
export const isPlain = ({ flags }: SegmentEvent): boolean => flags.replaceAll(/[EW]/g, '') === '.';

/** An acknowledgement and nothing else. */
export const isBareAck = (event: SegmentEvent): boolean => isPlain(event) && event.length === 0;

/** Data, and neither the end of the stream nor a reset beside them. */
export const isDataAlone = (event: SegmentEvent): boolean => event.length > 0 && !has(event, 'F') && !has(event, 'R');

// The close in three segments: the FIN of the passive side brings the ACK of the first.
import type { SegmentEvent } from '../../timeline/schema.ts';
import { all, type Check } from '../check.ts';
import { share, within } from './checks.ts';
import { elapsed } from './events.ts';
import { answeredAfter, carries } from './segments.ts';

/**
 * In which share (0 to 1) of closes, 20 at least, the FIN of the passive side brings the ACK of the first, so that there
 * are three segments: a race of its program against its kernel. `withinMs`: how soon after the first FIN its own must
 * leave for that, milliseconds. Where some were later, because the machine is busy, a share out of the range says nothing.
 */
export const closesInThree = (
  connections: readonly Closing[],
  range: readonly [number, number],
  { withinMs = Number.POSITIVE_INFINITY }: { withinMs?: number } = {},
): Check => {
  const late = connections.filter(
    ({ closing }) => answeredAfter(closing[0], closing.filter(carries('FIN'))) > withinMs,
  );
  const shown = connections.flatMap(({ closing }) => closing.slice(0, 3));
  return share('closes of three segments', range, connections.map(isThree), shown, { late: late.length });
};

/**
 * The other way: in no close does the FIN bring the ACK; it leaves alone, in the median so many milliseconds after the
 * first FIN has come.
 */
export const acksAlone = (connections: readonly Closing[], range: readonly [number, number]): Check => {
  const acks = connections.map(acknowledgement);
  const delays = acks.map((ack, nth) => elapsed({ at: connections[nth]?.closing[0]?.receivedAt ?? Number.NaN }, ack));
  const median = delays.sort((a, b) => a - b)[delays.length >> 1] ?? Number.NaN;
  return all(
    closesInThree(connections, [0, 0]),
    within('the ACK alone, median', range, median, 'ms after the FIN', acks),
  );
};

type Closing = { closing: SegmentEvent[] };

/** Whatever comes after that, such as a FIN that is sent again. */
const isThree = (connection: Closing): boolean => acknowledgement(connection)?.flags.includes('F') === true;

/** What first acknowledges the first FIN: a FIN that crossed it does not. */
const acknowledgement = ({ closing: [first, ...others] }: Closing): SegmentEvent | undefined =>
  first && others.find(({ from, ack }) => from === first.to && ack > endOf(first));

const endOf = ({ seq, length }: SegmentEvent) => seq + length;

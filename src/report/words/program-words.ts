// What is said of an effect that a program had by a call of which there is no record.
import type { Cause, TimelineEvent } from '../../timeline/schema.ts';

type ByProgram = Extract<Cause, { kind: 'program' | 'programs' }>;

/** Whether a program did it by a call of which there is no record. */
export const isByProgram = (cause: Cause | undefined): cause is ByProgram =>
  cause?.kind === 'program' || cause?.kind === 'programs';

/**
 * A program that is not driven call by call may do anything at any time: that it was started is all that is known. Data
 * it has written at some time; whether it had told the kernel to wait with them nobody knows.
 */
export const programWords = ({ kind }: ByProgram, event: TimelineEvent): string => {
  const written = event.kind === 'segment' && event.length > 0 ? 'written by ' : '';
  const [who, whose] = kind === 'program' ? ['the program', 'its'] : ['one of the programs', 'their'];
  return `${written}${who} (${whose} ${unrecorded(event)} were not recorded)`;
};

/** Of what a program does, a read sends an ACK. Node's reads are in no record, though what it is told to do is. */
const unrecorded = (event: TimelineEvent): string =>
  event.kind === 'segment' && event.flags === '.' && event.length === 0 ? 'reads' : 'calls';

// Why an event happened.
import type { PageEvent } from '../content.ts';
import { events } from './run.ts';
import { eventLine } from './words.ts';

/** A line of HTML for each cause of an event, back to where they begin. */
export const causesOf = (event: PageEvent): string[] => {
  const lines: string[] = [];
  const seen = new Set<string>();
  let at: PageEvent | undefined = event;
  while (at && !seen.has(at.id)) {
    seen.add(at.id);
    const { cause } = at;
    if (!cause) {
      if (at === event)
        lines.push(
          at.kind === 'call' && at.by === 'script'
            ? 'The script asked for it.'
            : at.kind === 'stage' || at.kind === 'wire'
              ? 'The script says so.'
              : 'Nothing in the record explains it.',
        );
      break;
    }
    if (cause.kind === 'programs') {
      lines.push(`${at.byProgram}:`, ...cause.events.map(eventLine));
      break;
    }
    if (!('event' in cause)) {
      lines.push(
        cause.kind !== 'timer'
          ? 'unknown'
          : cause.timer === 'fast-retransmission'
            ? 'what had arrived showed the loss; an arrival or the timer of the pacing let it go'
            : `the kernel's ${timers[cause.timer]} ran out${cause.sample ? `, armed in ${eventLine(cause.sample)}` : ''}`,
      );
      break;
    }
    const words = cause.kind === 'program' ? `${at.byProgram}:` : causeWords[cause.kind];
    lines.push(`<span class="kind">${words}</span> ${eventLine(cause.event)}`);
    at = events.get(cause.event);
  }
  return lines;
};

const causeWords = {
  call: 'by the call',
  segment: 'by the segment',
  'process-end': 'by the end of the process',
  wire: 'by the operation',
};
const timers = {
  on: 'retransmission timer',
  'tail-loss-probe': 'tail loss probe timer',
  reordering: 'timer for reordering (RACK)',
  pacing: 'timer of the pacing',
  retransmission: 'a timer for sending (nothing tells which)',
  keepalive: 'keepalive timer',
  timewait: 'timewait timer',
  persist: 'persist timer',
  'delayed-ack': 'delayed-ACK timer',
};

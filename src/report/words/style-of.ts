// The colour an event has wherever it is shown.
import type { SegmentEvent, TimelineEvent } from '../../timeline/schema.ts';
import type { Style } from './styles.ts';

export const styleOf = (event: TimelineEvent): Style => {
  switch (event.kind) {
    case 'call':
      return event.by === 'script' ? 'call' : 'nodeCall';
    case 'emit':
      return event.name === 'error' ? 'failed' : 'emit';
    case 'segment':
      return segmentStyle(event);
    case 'state':
      return event.to === 'CLOSED' ? 'closed' : 'state';
    case 'counter':
      return 'note';
    case 'stage':
      return event.edge === 'note' || event.edge === 'lacks' ? 'note' : 'stage';
    default:
      return event.kind;
  }
};

export const segmentStyle = ({ flags, length }: Pick<SegmentEvent, 'flags' | 'length'>): Style => {
  if (flags.includes('R')) return 'rst';
  if (flags.includes('F')) return 'fin';
  if (flags.includes('S')) return 'syn';
  return length > 0 ? 'data' : 'ack';
};

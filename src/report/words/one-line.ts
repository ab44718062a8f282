// One event in one line: for narrow screens, error messages and lists of evidence.
import type { TimelineEvent } from '../../timeline/schema.ts';
import { callPartWords } from './call-words.ts';
import { type Glyphs, glyphsFor } from './glyphs.ts';
import type { Moment } from './moments.ts';
import { visible } from './text.ts';
import { span } from './units.ts';
import { isSpread, spreadWords } from './when.ts';
import {
  counterWords,
  emitWords,
  payloadWords,
  processWords,
  segmentNotes,
  stateWords,
  timerWords,
  wireWords,
} from './words.ts';

/** An event as one self-contained line: `e14 (52 ms) client → server F. 1:1(0) ack 1, lost`. */
export const describeEvent = (event: TimelineEvent, screen: { unicode: boolean } = { unicode: true }): string => {
  const glyphs = glyphsFor(screen);
  return [event.id, isSpread(event) ? '' : `(${span(event.at)})`, whereWords(event, glyphs), eventWords(event, glyphs)]
    .filter(Boolean)
    .join(' ');
};

/** What happened, without where and when. Of a call, at the moment that is told. */
export const eventWords = (
  event: TimelineEvent,
  glyphs: Glyphs,
  ids?: Map<unknown, string>,
  part: Moment['part'] = 'whole',
): string => {
  switch (event.kind) {
    case 'call':
      return callPartWords(event, part, glyphs);
    case 'emit':
      return emitWords(event);
    case 'process':
      return processWords(event);
    case 'output':
      return `${event.stream}${event.afterItsEnd ? ', read after its end' : ''}: ${visible(event.text.trimEnd())}`;
    case 'segment':
      return [[event.text, payloadWords(event)].filter(Boolean).join(' '), ...segmentNotes(event)].join(', ');
    case 'state':
      return [stateWords(event, glyphs), timerWords(event.cause)].filter(Boolean).join(', ');
    case 'counter':
      return [counterWords(event), spreadWords(event)].filter(Boolean).join(', ');
    case 'wire':
      return `wire: ${wireWords(event, ids)}`;
    case 'stage':
      return event.edge === 'note' || event.edge === 'lacks'
        ? visible(event.text)
        : `stage ${event.edge}s: ${visible(event.text)}`;
  }
};

const whereWords = (event: TimelineEvent, glyphs: Glyphs): string => {
  if (event.kind === 'segment') return `${event.from} ${glyphs.becomes} ${event.to}`;
  if (!('host' in event)) return '';
  return 'process' in event && event.process !== event.host ? `${event.host} ${event.process}` : event.host;
};

// What stands in one lane of one row, before it is drawn: words, what they mean (for the colour), and notes beneath.
import { hostNames } from '../../record/hosts.ts';
import type {
  CallEvent,
  CounterEvent,
  EmitEvent,
  OutputEvent,
  ProcessEvent,
  SegmentEvent,
  StateEvent,
} from '../../timeline/schema.ts';
import { callPartWords } from '../words/call-words.ts';
import type { Glyphs } from '../words/glyphs.ts';
import type { Moment } from '../words/moments.ts';
import { styleOf } from '../words/style-of.ts';
import { visible } from '../words/text.ts';
import { span } from '../words/units.ts';
import { spreadWords, stayWords } from '../words/when.ts';
import { counterWords, emitWords, payloadWords, processWords, segmentNotes, timerWords } from '../words/words.ts';
import type { Arrow, Cell } from './row.ts';

export const callCell = (event: CallEvent, part: Moment['part'], glyphs: Glyphs): Cell => ({
  text: callPartWords(event, part, glyphs),
  style: part === 'done' || event.by === 'node' ? 'nodeCall' : 'call',
  notes: [],
});

export const emitCell = (event: EmitEvent): Cell => ({ text: emitWords(event), style: styleOf(event), notes: [] });

export const processCell = (event: ProcessEvent): Cell => ({
  text: processWords(event),
  style: 'process',
  notes: [],
  most: 3,
});

export const counterCell = (event: CounterEvent): Cell => ({
  text: counterWords(event),
  style: 'note',
  notes: [spreadWords(event)].filter(Boolean),
  most: 4,
});

export const outputCell = ({ text, afterItsEnd }: OutputEvent): Cell => ({
  text: visible(text.trimEnd()),
  style: 'output',
  notes: afterItsEnd ? ['read after its end'] : [],
  most: 2,
});

export const stateCell = (event: StateEvent): Cell => {
  const { from, to, local, cause } = event;
  const isListener = from === 'LISTEN' || to === 'LISTEN';
  const behind = isListener ? `:${local.port}` : to === 'CLOSED' ? '' : (stayWords(event, '') ?? '');
  const notes = [
    event.unseen ? 'states before unseen' : '',
    behind,
    timerWords(cause) ?? '',
    spreadWords(event),
  ].filter(Boolean);
  return { text: to, style: styleOf(event), notes };
};

export const segmentCell = (event: SegmentEvent, { part, journey }: Moment, full: boolean): Cell => {
  const notes = [payloadWords(event), ...segmentNotes(event)].filter(Boolean);
  if (part === 'begun' && journey) notes.push(journey.kind === 'shared' ? 'on its way' : journey.kind);
  if (part === 'done' && journey)
    notes.push(journey.kind === 'shared' ? 'arrives' : `${journey.kind} ${span(journey.took)}`);
  if (full) notes.unshift(`win ${event.window}`, ...optionWords(event));
  return {
    text: event.text,
    style: styleOf(event),
    notes,
    arrow: { towards: isTowardsServer(event) ? 'right' : 'left', part: arrowPart(event, part) },
  };
};

/** Client, proxy and server stand from left to right, as the hosts are named. */
const isTowardsServer = ({ from, to }: SegmentEvent): boolean => hostNames.indexOf(to) > hostNames.indexOf(from);

const arrowPart = ({ fate, origin }: SegmentEvent, part: Moment['part']): Arrow['part'] => {
  if (fate === 'dropped') return 'lost';
  if (fate === 'held' || part === 'begun') return 'stopped';
  if (part === 'done') return 'resumed';
  return origin === 'host' ? 'whole' : 'made';
};

const optionWords = ({ options }: SegmentEvent): string[] => [
  ...(options.mss === undefined ? [] : [`mss ${options.mss}`]),
  ...(options.windowScale === undefined ? [] : [`wscale ${options.windowScale}`]),
  ...(options.sackPermitted ? ['sackOK'] : []),
  ...(options.sack ? [`sack ${options.sack.map(([from, to]) => `${from}:${to}`).join(' ')}`] : []),
  ...(options.timestamps ? [`TS val ${options.timestamps.value} ecr ${options.timestamps.echo}`] : []),
];

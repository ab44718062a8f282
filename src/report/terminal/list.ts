// Draws a timeline as one event per line, a call that blocked as two: for narrow screens, for files and pipes.
import { type HostName, hostsIn } from '../../record/hosts.ts';
import type { StageEvent, Timeline, TimelineEvent } from '../../timeline/schema.ts';
import { abridge } from '../rows/abridge.ts';
import { newSpeakers } from '../rows/speakers.ts';
import { type Glyphs, glyphsFor } from '../words/glyphs.ts';
import { journeysOf } from '../words/journeys.ts';
import { callsInParts, type Detail, type Moment, shownEvents, stepOf } from '../words/moments.ts';
import { eventWords } from '../words/one-line.ts';
import { type Paint, painter } from '../words/paint.ts';
import type { Screen } from '../words/screen.ts';
import { styleOf } from '../words/style-of.ts';
import { columns, cut, fill, fillLeft, visible, widest, wrap } from '../words/text.ts';
import { clockFor, span } from '../words/units.ts';
import { isSpread, timeBeside } from '../words/when.ts';
import { idsOfFrames } from '../words/words.ts';

/** The events as lines; on a terminal they are wrapped and set in paragraphs, elsewhere each is one line whatever its length. */
export const drawList = (timeline: Timeline, detail: Detail, screen: Screen): string[] => {
  const paint = painter(screen.colour);
  const glyphs = glyphsFor(screen);
  const clock = clockFor(timeline.duration);
  const events = shownEvents(timeline, detail);
  const moments = callsInParts(events);
  const steps: number[] = [];
  for (const moment of moments) steps.push(stepOf(moment, steps.at(-1)));
  const frames = idsOfFrames(timeline.events);
  const journeys = journeysOf(timeline);
  const speakers = newSpeakers(moments);
  const several = timeline.connections.length > 1;
  const ids = widest(['event', ...events.map(({ id }) => id)]);
  const timeOf = ({ event, at }: Moment) => timeBeside([event], at, clock.write, glyphs);
  const time = widest([clock.unit, ...moments.map(timeOf)]);
  const hosts = hostsIn(timeline.capture);
  const placed = columns(hosts.join(` ${arrow('whole', 'right', glyphs)} `));

  const margin = (id: string, at: string, delta: string, isIdle = false) =>
    ` ${paint('faint', fill(id, ids))} ${fillLeft(at, time)} ${paint(isIdle ? 'idle' : 'faint', fillLeft(delta, 7))}  `;
  const left = columns(margin('', '', '')) + placed + 2;
  const width = screen.isTerminal ? Math.max(12, screen.width - left) : Number.POSITIVE_INFINITY;

  const drawMoment = (moment: Moment, index: number): string[] => {
    const { event, at, part } = moment;
    const previous = moments[index - 1];
    const before = previous?.event;
    // What has no moment is no time from anything.
    const since = isSpread(event) || (before && isSpread(before)) ? 0 : at - (previous?.at ?? at);
    const first = margin(event.id, timeOf(moment), since >= 50e3 ? `+${span(since, '')}` : '', since >= 900e6);
    const paragraph =
      screen.isTerminal && before && (isStage(event) || (steps[index - 1] !== steps[index] && !isStage(before)))
        ? ['']
        : [];
    if (isStage(event))
      return [
        ...paragraph,
        `${first}${paint('stage', `${glyphs.stage.repeat(2)} ${visible(event.text)} ${glyphs.stage.repeat(2)}`)}`,
      ];
    const connection =
      several && 'connection' in event && event.connection !== undefined ? `#${event.connection} ` : '';
    const speaker = part !== 'done' && speakers.has(event.id) ? `${speakers.get(event.id)}: ` : '';
    const journey = journeys.get(event.id);
    const fate = journey && journey.kind !== 'shared' ? `, ${journey.kind} ${span(journey.took)}` : '';
    const isLong = event.kind === 'output' && detail !== 'full' && screen.isTerminal;
    const text = connection + speaker + eventWords(event, glyphs, frames, part) + fate;
    const words = (isLong ? [cut(text, width, glyphs.cut)] : wrap(text, width)).map((line) =>
      paint(part === 'done' ? 'nodeCall' : styleOf(event), line),
    );
    const place = placeOf(event, { hosts, width: placed }, glyphs, paint);
    return [...paragraph, ...words.map((line, nth) => `${nth === 0 ? `${first}${place}  ` : ' '.repeat(left)}${line}`)];
  };

  const heading = paint('faint', margin('event', clock.unit, 'delta'));
  const drawn = moments.map(drawMoment);
  const shown = abridge(drawn, detail === 'full', (count) => [
    ` ${glyphs.cut} ${count} events left out; --full shows them`,
  ]);
  return [heading, ...shown.flat()].map((line) => line.trimEnd());
};

const isStage = (event: TimelineEvent): event is StageEvent => event.kind === 'stage' && event.edge === 'begin';

/** Client to the left, server to the right, as in the lanes; a proxy in the midst. */
const placeOf = (
  event: TimelineEvent,
  { hosts, width }: { hosts: HostName[]; width: number },
  glyphs: Glyphs,
  paint: Paint,
): string => {
  const between = columns(` ${arrow('whole', 'right', glyphs)} `);
  const before = (host: HostName) =>
    hosts.slice(0, hosts.indexOf(host)).reduce((sum, one) => sum + columns(one) + between, 0);
  const at = (host: HostName, words: string) => fill(' '.repeat(before(host)) + words, width);
  if (event.kind === 'segment') {
    const end = event.fate === 'dropped' ? 'lost' : event.fate === 'held' ? 'stopped' : 'whole';
    const [left, right] = [event.from, event.to].sort((a, b) => hosts.indexOf(a) - hosts.indexOf(b)) as [
      HostName,
      HostName,
    ];
    const drawn = arrow(end, event.to === right ? 'right' : 'left', glyphs);
    return paint(styleOf(event), at(left, `${left} ${drawn} ${right}`));
  }
  if ('host' in event) return at(event.host, event.host);
  return fill(event.kind === 'wire' ? `       ${glyphs.wire.repeat(3)}` : '', width);
};

const arrow = (end: 'whole' | 'lost' | 'stopped', towards: 'left' | 'right', glyphs: Glyphs): string => {
  const shaft = glyphs.line.repeat(2);
  if (towards === 'right')
    return shaft + { whole: glyphs.headRight, lost: glyphs.lost, stopped: glyphs.stopRight }[end];
  return { whole: glyphs.headLeft, lost: glyphs.lost, stopped: glyphs.stopLeft }[end] + shaft;
};

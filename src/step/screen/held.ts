// What is held: the segment as an arrow with the chain of causes that led to it, or the call with its line of the script.

import { hostNames } from '../../record/hosts.ts';
import { drawArrow } from '../../report/terminal/arrow.ts';
import { glyphsFor } from '../../report/words/glyphs.ts';
import { describeEvent } from '../../report/words/one-line.ts';
import { painter } from '../../report/words/paint.ts';
import type { Screen } from '../../report/words/screen.ts';
import { segmentStyle } from '../../report/words/style-of.ts';
import { cut, wrap } from '../../report/words/text.ts';
import { spanMs } from '../../report/words/units.ts';
import { payloadWords, segmentNotes, timerWords } from '../../report/words/words.ts';
import type { SegmentEvent, TimelineEvent } from '../../timeline/schema.ts';
import type { HeldView, StepView } from './view.ts';

type HeldSegment = Extract<HeldView, { kind: 'segment' }>;

export const drawHeld = (view: StepView, screen: Screen): string[] => {
  const paint = painter(screen.colour);
  const { held, activity, running } = view;
  const mark = glyphsFor(screen).cut;
  if (!held) return wrap([running, activity].filter(Boolean).join(': '), screen.width - 2).map((line) => ` ${line}`);
  if (held.kind === 'segment') return drawSegment(held, view, screen);
  const source = [held.place, held.code].filter(Boolean).join('  ');
  return [
    ` ${paint('call', cut(held.what, screen.width - 2, mark))}`,
    ...(source ? [` ${paint('faint', cut(source, screen.width - 2, mark))}`] : []),
  ];
};

const drawSegment = (held: HeldSegment, { events, behind }: StepView, screen: Screen): string[] => {
  const paint = painter(screen.colour);
  const { becomes, between, cut: mark, warning } = glyphsFor(screen);
  const { from, to, frame, text, sourcePort, destinationPort, waited, rule } = held;
  const event = events.find((one): one is SegmentEvent => one.kind === 'segment' && one.frame === frame);
  // Its fate is not decided yet, though the record so far knows no other word than held.
  const notes = event ? [payloadWords(event), ...segmentNotes({ ...event, fate: 'delivered' })].filter(Boolean) : [];
  const cell = { text, style: segmentStyle(held), notes };
  const towards = hostNames.indexOf(to) > hostNames.indexOf(from) ? 'right' : 'left';
  const [left, right] = towards === 'right' ? [from, to] : [to, from];
  const arrow = drawArrow({ ...cell, arrow: { towards, part: 'whole' } }, screen.width - 18, glyphsFor(screen), paint);
  const facts = [`frame ${frame}`, `:${sourcePort} ${becomes} :${destinationPort}`, `held ${spanMs(waited)}`];
  const lines = [
    ...arrow.map((line, index) =>
      index === 0 ? ` ${left}  ${line}  ${right}` : `${' '.repeat(left.length + 3)}${line}`,
    ),
    ` ${paint('faint', cut(facts.join(` ${between} `), screen.width - 2, mark))}`,
    ...causesOf(event, events).map(
      (words, index) => ` ${index === 0 ? 'because ' : '        '}${cut(words(screen), screen.width - 10, mark)}`,
    ),
  ];
  if (rule) lines.push(` ${paint('wire', cut(`${warning} ${ruleWords[rule] ?? rule}`, screen.width - 2, mark))}`);
  if (behind.length > 0) {
    const same = Map.groupBy(behind, (one) => `${one.from} ${becomes} ${one.to} ${one.text}`);
    const those = [...same].map(([words, { length }]) => (length > 1 ? `${length} times ${words}` : words));
    lines.push(` ${paint('faint', cut(`behind it (${behind.length}): ${those.join(', ')}`, screen.width - 2, mark))}`);
  }
  return lines;
};

const ruleWords: Record<string, string> = {
  drop: 'the script loses this segment on the wire: deliver leaves it at that',
  hold: 'the script holds this segment back until it releases it: deliver leaves it at that',
  delay: 'the script delays this segment: deliver lets it wait',
  duplicate: 'the script has this segment delivered twice',
};

type Words = (screen: Screen) => string;
const longestChain = 3;

/** From the cause of the segment on, back to the call of the script that began it. */
const causesOf = (event: SegmentEvent | undefined, events: TimelineEvent[]): Words[] => {
  const words: Words[] = [];
  let { cause } = event ?? {};
  while (cause && words.length < longestChain) {
    if (!('event' in cause)) {
      const timer = timerWords(cause);
      if (cause.kind === 'timer' && cause.timer === 'retransmission')
        words.push(() => `a retransmission timer of the ${event?.from} has fired`);
      else if (cause.kind === 'timer' && cause.timer === 'fast-retransmission')
        words.push(() => 'what has arrived shows that it was lost');
      else if (cause.kind === 'programs') words.push(() => `one of the programs of the ${event?.from} did it`);
      else if (timer) words.push(() => `the ${timer} of the ${event?.from} has fired`);
      break;
    }
    const { event: id } = cause;
    const before = events.find((one) => one.id === id);
    if (!before) break;
    words.push((screen) => describeEvent(before, screen));
    if (before.kind === 'call' && before.by === 'script') break;
    cause = before.cause;
  }
  return words;
};

import { glyphsFor } from '../../report/words/glyphs.ts';
import { describeEvent } from '../../report/words/one-line.ts';
import { painter } from '../../report/words/paint.ts';
import type { Screen } from '../../report/words/screen.ts';
import { styleOf } from '../../report/words/style-of.ts';
import { columns, cut, wrap } from '../../report/words/text.ts';
import { drawEnds } from './ends.ts';
import { drawHeld } from './held.ts';
import { drawHelp, drawKeys } from './keys.ts';
import { expiries } from './timers.ts';
import type { StepView } from './view.ts';

/**
 * Draw the screen, at most `height` lines of at most `screen.width` columns. What happened before gets the lines that
 * are left.
 */
export const drawStep = (view: StepView, screen: Screen, height: number): string[] => {
  const paint = painter(screen.colour);
  const glyphs = glyphsFor(screen);
  const { width } = screen;
  const title = (text: string) => [
    ` ${paint('heading', text)} ${paint('faint', glyphs.rule.repeat(Math.max(0, width - columns(text) - 4)))}`,
  ];

  const top = drawCall(view, screen);
  const held = [...title(heldTitle(view)), ...drawHeld(view, screen)];
  const bottom = [...drawTimers(view, screen), ...drawKeys(view, screen)];
  if (view.isHelp) return [...top, '', ...drawHelp(screen), '', ...drawKeys(view, screen)].slice(0, height);

  const room = height - top.length - held.length - bottom.length - 3;
  const ends = drawEnds(view, screen, Math.max(4, Math.min(room, Math.ceil(room * 0.7))));
  const left = room - ends.length - 2;
  const past = left > 0 ? drawPast(view, screen, left) : [];
  const lines = [
    ...top,
    '',
    ...ends,
    ...(past.length > 0 ? ['', ...title('so far'), ...past] : []),
    '',
    ...held,
    '',
    ...bottom,
  ];
  // On a low screen the keys and what is held stay.
  return lines.length <= height ? lines : lines.slice(lines.length - height);
};

const heldTitle = ({ held }: StepView): string => {
  if (!held) return 'nothing is held';
  return held.kind === 'segment' ? 'about to be delivered' : 'about to be called';
};

const drawCall = ({ experiment, call, events }: StepView, screen: Screen): string[] => {
  const paint = painter(screen.colour);
  const { between, cut: mark } = glyphsFor(screen);
  const stage = events.at(-1)?.stage;
  const heading = [experiment, 'stepped by hand', ...(stage ? [stage] : [])].join(` ${between} `);
  if (!call) return [` ${paint('title', cut(heading, screen.width - 2, mark))}`];
  const words = cut(`step ${call.step}  ${call.what}`, screen.width - 2, mark);
  const source = cut(
    [call.place, call.code].filter(Boolean).join('  '),
    Math.max(0, screen.width - columns(words) - 5),
    mark,
  );
  return [
    ` ${paint('title', cut(heading, screen.width - 2, mark))}`,
    ` ${paint('call', words)}${source ? `   ${paint('faint', source)}` : ''}`,
  ];
};

/** The last events, without those still on the wire. */
const drawPast = ({ events, held, behind }: StepView, screen: Screen, most: number): string[] => {
  const paint = painter(screen.colour);
  const waiting = new Set([held?.kind === 'segment' ? held.frame : undefined, ...behind.map(({ frame }) => frame)]);
  return events
    .filter((event) => event.kind !== 'segment' || !waiting.has(event.frame))
    .slice(-most)
    .map(
      (event) =>
        ` ${paint(styleOf(event), cut(describeEvent(event, screen).replace('held to the end', 'held'), screen.width - 2, glyphsFor(screen).cut))}`,
    );
};

const drawTimers = ({ rows, ages }: StepView, screen: Screen): string[] => {
  const paint = painter(screen.colour);
  // Sockets closed together leave TIME-WAIT together: that is said once.
  const soonest = [...new Set(expiries(rows, ages).map(({ host, words }) => `${host} ${words}`))].slice(0, 3);
  const words =
    soonest.length === 0 ? 'No timer of a kernel is armed.' : `Timers of the kernels run on: ${soonest.join('; ')}`;
  return wrap(words, screen.width - 2).map((line) => ` ${paint(soonest.length > 0 ? 'warning' : 'faint', line)}`);
};

// The keys of the stepping screen, in a line and explained.
import { glyphsFor } from '../../report/words/glyphs.ts';
import { painter } from '../../report/words/paint.ts';
import type { Screen } from '../../report/words/screen.ts';
import { columns, cut, wrap } from '../../report/words/text.ts';
import type { StepView } from './view.ts';

/** The keys that mean something now; while a state's name is typed, that name. The message stands above. */
export const drawKeys = (view: StepView, screen: Screen): string[] => {
  const paint = painter(screen.colour);
  const { cut: mark, becomes } = glyphsFor(screen);
  const message = view.message ? [` ${paint('warning', cut(view.message, screen.width - 2, mark))}`] : [];
  if (view.typed) {
    const { text, states } = view.typed;
    const choice = wrap(`${becomes} ${states.join(', ') || 'no state'}`, screen.width - 2);
    return [
      ...message,
      ` ${cut(`to the state: ${text}_`, screen.width - 2, mark)}`,
      ...choice.map((line) => ` ${line}`),
      ` ${paint('faint', cut('enter: go there   escape: back', screen.width - 2, mark))}`,
    ];
  }
  if (view.isHelp) return [...message, ` ${paint('faint', 'any key: back')}`];
  return [...message, ...inLines(keysFor(view), screen)];
};

/** What each key does, at length. */
export const drawHelp = (screen: Screen): string[] => {
  const paint = painter(screen.colour);
  return help.flatMap(([key, words]) => {
    const indent = key === '' ? 0 : 19;
    return wrap(words, screen.width - indent - 2).map((line, nth) =>
      ` ${paint('heading', (nth === 0 ? key : '').padEnd(indent))}${line}`.trimEnd(),
    );
  });
};

const keysFor = ({ held, running }: StepView): [string, string][] => [
  ...(held?.kind === 'segment'
    ? ([
        ['space', 'deliver'],
        ['x', 'drop'],
        ['d', 'duplicate'],
      ] as [string, string][])
    : []),
  ...(held?.kind === 'call' ? ([['space', 'make the call']] as [string, string][]) : []),
  ...(running && !held ? ([['space', 'hold the next segment']] as [string, string][]) : []),
  ['n', 'next call'],
  ['s', 'to a state'],
  ['e', 'to the end'],
  ['q', 'quit'],
  ['?', 'help'],
];

const inLines = (keys: [string, string][], screen: Screen): string[] => {
  const paint = painter(screen.colour);
  const lines: string[] = [];
  for (const [key, words] of keys) {
    const item = `${paint('heading', key)} ${words}`;
    const last = lines.at(-1);
    if (last !== undefined && columns(last) + columns(item) + 3 <= screen.width)
      lines[lines.length - 1] = `${last}   ${item}`;
    else lines.push(` ${item}`);
  }
  return lines;
};

const help: [string, string][] = [
  ['space enter right', 'deliver the segment, or make the call; the next segment is held'],
  ['x', 'drop the segment: the wire loses it'],
  ['d', 'deliver it, and a copy of it after it'],
  ['n', 'let segments pass until the script is about to make its next call'],
  ['s', 'let segments pass until a socket comes into a state, and type which: time-wait, server close-wait'],
  ['e', 'let everything pass; space holds the next segment again'],
  ['q  Ctrl-C', 'stop here: what is recorded is kept and judged'],
  ['', ''],
  ['', 'The kernels do not wait: their timers run on, and what they send meanwhile queues behind.'],
  ['', 'Segments wait, so a run that is stepped may come out otherwise than one that is not.'],
];

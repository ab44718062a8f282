// Progress of a run, for stderr: one line kept up to date on a terminal; elsewhere a plain line now and then.
import { itemAt } from '../../record/item-at.ts';
import { glyphsFor } from '../words/glyphs.ts';
import { painter } from '../words/paint.ts';
import type { Screen } from '../words/screen.ts';
import { cut } from '../words/text.ts';
import { spanMs } from '../words/units.ts';

/** Told what a run is doing. Every callback may be called at any time and any number of times. */
export type ProgressReporter = {
  /** A phase of the run begins: start, run, analyse, remove. */
  phase(name: string): void;
  /** The script takes a step: `client connect(50000)`. */
  step(number: number, what: string): void;
  /** A segment has met its fate. */
  segment(): void;
  /** Nothing happens until something does, or until so many milliseconds have passed. */
  waiting(what: string, milliseconds: number): void;
  /** Nothing is waited for any more. */
  goesOn(): void;
  /** Let the time pass on the screen: to be called every 100 ms or so. */
  tick(): void;
  /** The run is over: the line goes away. */
  done(): void;
};

export type ProgressOptions = {
  /** What is run. */
  title: string;
  screen: Screen;
  /** Gets text for stderr. */
  write(text: string): void;
  /** The time in milliseconds. */
  now(): number;
};

/** Without a terminal a line is written at the start, and then at most this often, in milliseconds. */
const plainInterval = 10_000;

/** Show the progress of a run. The first line is written at once. */
export const createProgress = ({ title, screen, write, now }: ProgressOptions): ProgressReporter => {
  const begin = now();
  const state = { phase: 'start', what: '', segments: 0, until: undefined as number | undefined };
  let lastPlain = begin;
  let isOver = false;

  const words = (): string => {
    const parts = [
      title,
      state.phase,
      state.what,
      state.until === undefined ? '' : `at most ${spanMs(Math.max(0, state.until - now()))} more`,
      state.segments > 0 ? `${state.segments} segments` : '',
    ];
    return parts.filter(Boolean).join(` ${glyphsFor(screen).between} `);
  };
  const show = () => {
    if (isOver) return;
    if (screen.isTerminal) write(lineOn(screen, words(), now() - begin));
    else if (now() - lastPlain >= plainInterval) {
      lastPlain = now();
      write(`${words()} (${spanMs(now() - begin)})\n`);
    }
  };
  const change = (changes: Partial<typeof state>) => {
    Object.assign(state, changes);
    show();
  };

  if (screen.isTerminal) show();
  else write(`${title}\n`);
  return {
    phase: (name) => change({ phase: name, what: '', until: undefined }),
    step: (number, what) => change({ what: `step ${number}: ${what}`, until: undefined }),
    // Thousands may pass in a second: they show with the next tick.
    segment: () => {
      state.segments++;
    },
    waiting: (what, milliseconds) => change({ what: `waiting for ${what}`, until: now() + milliseconds }),
    goesOn: () => change({ what: 'the script goes on', until: undefined }),
    tick: show,
    done: () => {
      if (!isOver && screen.isTerminal) write(eraseLine);
      isOver = true;
    },
  };
};

const eraseLine = '\r\x1b[2K';

const lineOn = (screen: Screen, words: string, elapsed: number): string => {
  const { spinner, cut: mark } = glyphsFor(screen);
  const frames = [...spinner];
  const frame = itemAt(frames, Math.floor(elapsed / 100) % frames.length);
  const seconds = `${(elapsed / 1000).toFixed(1)} s`;
  const shown = cut(words, screen.width - seconds.length - 6, mark);
  const paint = painter(screen.colour);
  return `${eraseLine}${paint('data', frame)} ${shown}  ${paint('faint', seconds)}`;
};

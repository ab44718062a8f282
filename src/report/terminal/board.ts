// Progress of several runs at once, for stderr: one line for each, all redrawn together on a terminal.
import { createProgress, type ProgressOptions, type ProgressReporter } from './progress.ts';

/** One line per run that is under way. */
export const createBoard = ({ screen, write, now }: Omit<ProgressOptions, 'title'>) => {
  const lines = new Map<ProgressReporter, string>();
  let drawn = 0;

  const clear = () => {
    if (drawn > 0) write(`\x1b[${drawn}A\r\x1b[J`);
    drawn = 0;
  };
  const draw = () => {
    const text = [...lines.values()]
      .filter(Boolean)
      .map((line) => `${line}\n`)
      .join('');
    clear();
    drawn = text.split('\n').length - 1;
    write(text);
  };

  return {
    /** A run begins. Its line goes away with `done`. */
    add: (title: string): ProgressReporter => {
      let text = '';
      const reporter = createProgress({
        title,
        screen,
        now,
        write: (line) => {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: the line is told to erase itself, which is the board's business here
          if (screen.isTerminal) text = line.replace(/^\r\x1b\[2K/, '');
          else write(line);
        },
      });
      const board = {
        ...reporter,
        tick: () => {
          reporter.tick();
          lines.set(board, text);
        },
        done: () => {
          reporter.done();
          lines.delete(board);
          if (screen.isTerminal) draw();
        },
      };
      lines.set(board, text);
      if (screen.isTerminal) draw();
      return board;
    },
    /** Let the time pass on the screen. */
    tick: () => {
      for (const reporter of [...lines.keys()]) reporter.tick();
      if (screen.isTerminal && lines.size > 0) draw();
    },
    /** Take the lines off the screen, to write something else. */
    clear,
  };
};

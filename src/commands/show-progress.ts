// The progress of the runs of a command, on stderr.
import { createBoard } from '../report/terminal/board.ts';
import { screenOf } from '../report/words/screen.ts';

/** Progress on stderr, ticking; `print` writes to stdout and `tell` to stderr without tearing it. */
export const showProgress = () => {
  const screen = screenOf(process.stderr, process.env);
  const board = createBoard({ screen, write: (text) => void process.stderr.write(text), now: () => performance.now() });
  const ticker = setInterval(board.tick, 100);
  return {
    add: board.add,
    print: (text: string) => {
      board.clear();
      process.stdout.write(text);
    },
    tell: (text: string) => {
      board.clear();
      process.stderr.write(text);
    },
    close: () => {
      clearInterval(ticker);
      board.clear();
    },
  };
};

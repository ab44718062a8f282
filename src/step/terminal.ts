// The terminal somebody steps in: its second screen, no cursor, keys at once. However the program ends, it is left as
// it was found.
import type { ReadStream, WriteStream } from 'node:tty';
import { type Key, keysIn } from './keys.ts';

/** Take the terminal over until `close`. The keys of a terminal that has gone away are an interrupt. */
export const openTerminal = (input: ReadStream, output: WriteStream, onKey: (key: Key) => void) => {
  const onData = (text: string) => keysIn(text).forEach(onKey);
  const onEnd = () => onKey('interrupt');
  let shown: string[] = [];
  let isOpen = true;

  const forget = () => {
    shown = [];
  };
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    process.off('exit', close).off('uncaughtExceptionMonitor', close);
    input.off('data', onData).off('end', onEnd).off('error', onEnd);
    output.off('resize', forget);
    input.setRawMode(false);
    input.pause();
    output.write(`${showCursor}${firstScreen}`);
  };

  // Before the words of an uncaught error are printed, so that they are on the first screen.
  process.on('exit', close).on('uncaughtExceptionMonitor', close);
  output.write(`${secondScreen}${hideCursor}`);
  output.on('resize', forget);
  input.setRawMode(true);
  input.setEncoding('utf8').on('data', onData).on('end', onEnd).on('error', onEnd).resume();

  return {
    close,
    /** Rows and columns; a terminal that does not tell has 24 times 80. */
    size: () => ({ height: output.rows || 24, width: output.columns || 80 }),
    /** Show these lines. Only what has changed is written, so that nothing flickers. */
    draw: (lines: string[]) => {
      if (!isOpen) return;
      const begin = shown.length === 0 ? clear : '';
      const changed = lines.flatMap((line, index) =>
        line === shown[index] ? [] : [`\x1b[${index + 1};1H${line}\x1b[K`],
      );
      const rest = lines.length < shown.length ? `\x1b[${lines.length + 1};1H\x1b[J` : '';
      shown = lines;
      if (begin || changed.length > 0 || rest) output.write(begin + changed.join('') + rest);
    },
  };
};

const secondScreen = '\x1b[?1049h';
const firstScreen = '\x1b[?1049l';
const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
const clear = '\x1b[H\x1b[J';

// How long files are: experiments short enough to be read like the article, sources to be read at one go. Pure.

/** The longest an experiment may be, and their median. */
const most = { lines: 90, median: 55 };

/** One line, and whether it is as it should be. `files`: the text of each experiment, by its path. */
export const experimentLines = (files: Record<string, string>): { ok: boolean; line: string } => {
  const lengths = Object.entries(files)
    .map(([path, text]) => ({ path, lines: linesIn(text) }))
    .sort((a, b) => a.lines - b.lines);
  const middle = lengths.slice(Math.floor((lengths.length - 1) / 2), Math.floor(lengths.length / 2) + 1);
  const median = middle.reduce((sum, { lines }) => sum + lines, 0) / middle.length;
  const long = lengths.filter(({ lines }) => lines > most.lines);
  const words = [
    `${lengths.length} experiments: median ${median} lines (at most ${most.median}), longest ${lengths.at(-1)?.lines} (at most ${most.lines})`,
    ...long.map(({ path, lines }) => `${path} has ${lines}`),
  ];
  return { ok: long.length === 0 && median <= most.median, line: words.join('; ') };
};

/** A source is of one idea, and no longer than this many lines. */
const longestSource = 200;

/** The same of the sources of the product. */
export const sourceLines = (files: Record<string, string>): { ok: boolean; line: string } => {
  const long = Object.entries(files)
    .map(([path, text]) => ({ path, lines: linesIn(text) }))
    .filter(({ lines }) => lines > longestSource);
  const words = [
    `${Object.keys(files).length} sources: none over ${longestSource} lines`,
    ...long.map(({ path, lines }) => `${path} has ${lines}`),
  ];
  return { ok: long.length === 0 && Object.keys(files).length > 0, line: words.join('; but ') };
};

const linesIn = (text: string): number => text.split('\n').length - 1;

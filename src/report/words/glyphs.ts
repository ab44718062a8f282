// Every glyph the report draws, one column wide each, with an ASCII set for locales that are not UTF-8.
// None of them has an emoji form, which some terminals would draw two columns wide.

export type Glyphs = Record<keyof typeof unicode, string>;

/** The glyphs a screen can show. */
export const glyphsFor = (screen: { unicode: boolean }): Glyphs => (screen.unicode ? unicode : ascii);

const unicode = {
  held: '✓',
  failed: '✗',
  unknown: '?',
  reproduced: '✓',
  refuted: '✗',
  conditional: '◐',
  inconclusive: '?',
  line: '─',
  headRight: '►',
  headLeft: '◄',
  lost: '✗',
  stopRight: '┤',
  stopLeft: '├',
  made: '◆',
  lifeline: '│',
  note: '╰',
  rule: '─',
  wire: '┄',
  stage: '━',
  under: '↳',
  becomes: '→',
  atLeast: '≥',
  atMost: '≤',
  between: '·',
  cut: '…',
  dash: '–',
  warning: '!',
  spinner: '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏',
};

const ascii: typeof unicode = {
  held: '+',
  failed: 'x',
  unknown: '?',
  reproduced: '+',
  refuted: 'x',
  conditional: '~',
  inconclusive: '?',
  line: '-',
  headRight: '>',
  headLeft: '<',
  lost: 'X',
  stopRight: '|',
  stopLeft: '|',
  made: '*',
  lifeline: '|',
  note: '`',
  rule: '-',
  wire: '~',
  stage: '=',
  under: '`-',
  becomes: '->',
  atLeast: '>=',
  atMost: '<=',
  between: '-',
  cut: '~',
  dash: '-',
  warning: '!',
  spinner: '|/-\\',
};

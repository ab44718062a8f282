// What somebody presses, from the bytes a terminal in raw mode sends.

export type Key = 'enter' | 'escape' | 'backspace' | 'interrupt' | 'right' | { character: string };

/** The keys of one chunk of input, in order. Escape sequences that mean nothing here are left out. */
export const keysIn = (input: string): Key[] =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal sends
  (input.match(/\x1b(?:\[[0-9;]*[ -/]*[@-~]|O.)?|./gsu) ?? []).flatMap((sequence): Key[] => {
    const named = names[sequence];
    if (named) return [named];
    return sequence >= ' ' && sequence !== '\x7f' ? [{ character: sequence }] : [];
  });

const names: Record<string, Key> = {
  '\r': 'enter',
  '\n': 'enter',
  '\x1b': 'escape',
  '\x7f': 'backspace',
  '\b': 'backspace',
  '\x03': 'interrupt',
  '\x04': 'interrupt',
  '\x1b[C': 'right',
  '\x1bOC': 'right',
};

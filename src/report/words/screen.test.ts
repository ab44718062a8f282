import { expect, test } from 'vitest';
import { screenOf } from './screen.ts';

const terminal = { isTTY: true, columns: 132 };

test('a terminal has its width and colours', () => {
  expect(screenOf(terminal, { TERM: 'xterm-256color' })).toEqual({
    width: 132,
    isTerminal: true,
    colour: true,
    unicode: true,
  });
});
test('a pipe has neither', () => {
  expect(screenOf({}, {})).toEqual({ width: 100, isTerminal: false, colour: false, unicode: true });
});
test('COLUMNS gives a pipe a width', () => expect(screenOf({}, { COLUMNS: '140' }).width).toBe(140));
test.each([
  [{ NO_COLOR: '1' }, false],
  [{ NO_COLOR: '' }, true],
  [{ TERM: 'dumb' }, false],
  [{ TERM: 'dumb', FORCE_COLOR: '1' }, true],
  [{ FORCE_COLOR: '0' }, false],
])('%j decides on colours', (env, colour) => expect(screenOf(terminal, env).colour).toBe(colour));
test.each([
  [{}, true],
  [{ LANG: 'de_DE.UTF-8' }, true],
  [{ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }, false],
  [{ LANG: 'C.utf8' }, true],
  [{ TERM: 'linux', LANG: 'C.utf8' }, false],
])('%j decides on glyphs', (env, unicode) => expect(screenOf(terminal, env).unicode).toBe(unicode));

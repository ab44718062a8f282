import { expect, test } from 'vitest';
import { columns, cut, fill, fillLeft, visible, wrap, wrapCall } from './text.ts';
import { clockFor, span } from './units.ts';

test('colours take no columns', () => {
  expect(columns('\x1b[31m✗ lost\x1b[39m')).toBe(6);
  expect(fill('\x1b[31mab\x1b[39m', 4)).toBe('\x1b[31mab\x1b[39m  ');
  expect(fillLeft('ab', 4)).toBe('  ab');
});

test('text wraps at spaces, and long words after a bracket or comma', () => {
  expect(wrap('the quick brown fox', 10)).toEqual(['the quick', 'brown fox']);
  expect(wrap('resetAndDestroy()', 10)).toEqual(['resetAndDe', 'stroy()']);
  expect(wrap('connect(server, 50000)', 14)).toEqual(['connect(', 'server, 50000)']);
  expect(wrap('', 10)).toEqual(['']);
});

test('calls wrap after a bracket or a comma and before the result', () => {
  expect(wrapCall('close(5)', 8)).toEqual(['close(5)']);
  expect(wrapCall('end("last words")', 15)).toEqual(['end(', '  "last words")']);
  expect(wrapCall('recv(23, 100) = 10 "last words"', 18)).toEqual(['recv(23, 100) = 10', '  "last words"']);
  expect(wrapCall('server-2: listen(50001, allowHalfOpen)', 17)).toEqual([
    'server-2:',
    '  listen(50001,',
    '  allowHalfOpen)',
  ]);
  expect(wrapCall('\'data\' 10 bytes "still here"', 16)).toEqual(["'data' 10 bytes", '  "still here"']);
});

test('cut text ends in a mark', () => {
  expect(cut('abcdef', 4, '…')).toBe('abc…');
  expect(cut('abcd', 4, '…')).toBe('abcd');
});

test('control characters become visible', () => expect(visible('a\r\n\x07')).toBe('a\\r\\n\\x07'));

test.each([
  [0, '0 ms'],
  [300_000, '0.3 ms'],
  [9_960_000, '10 ms'],
  [203e6, '203 ms'],
  [999.6e6, '1.00 s'],
  [1.024e9, '1.02 s'],
  [60.1e9, '60.1 s'],
  [127e9, '127 s'],
  [925e9, '15 min'],
  [7.875e12, '2.2 h'],
])('%d ns is %s', (nanoseconds, text) => expect(span(nanoseconds)).toBe(text));

test('the clock counts milliseconds, and seconds in long runs', () => {
  expect(clockFor(2e9).write(1.2345e9)).toBe('1234.5');
  expect(clockFor(20e9).write(1.2345e9)).toBe('1.234');
});

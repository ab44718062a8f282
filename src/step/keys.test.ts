import { expect, test } from 'vitest';
import { keysIn } from './keys.ts';

test.each([
  [' ', [{ character: ' ' }]],
  ['\r', ['enter']],
  ['\x1b[C', ['right']],
  ['\x1bOC', ['right']],
  ['\x1b', ['escape']],
  ['\x03', ['interrupt']],
  [
    'sfin\x7f\r',
    [{ character: 's' }, { character: 'f' }, { character: 'i' }, { character: 'n' }, 'backspace', 'enter'],
  ],
])('%j', (input, keys) => expect(keysIn(input)).toEqual(keys));

test('keys that mean nothing are left out', () => expect(keysIn('\x1b[A\x1b[5~\x1b[1;5D\x01')).toEqual([]));

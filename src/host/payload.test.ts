import { expect, test } from 'vitest';
import { bytesOf, printable } from './payload.ts';

test('text, a filler and bytes are what they say', () => {
  expect(bytesOf('né').toString()).toBe('né');
  expect(bytesOf({ bytes: 28 }).toString()).toBe('abcdefghijklmnopqrstuvwxyzab');
  expect(() => bytesOf(12)).toThrow('Cannot send 12');
});

test('a record shows printable text, 200 characters of it, and nothing else', () => {
  expect(printable(Buffer.from('GET / HTTP/1.1\r\n\tü'))).toBe('GET / HTTP/1.1\r\n\tü');
  expect(printable(Buffer.alloc(5000, 'x'))).toBe('x'.repeat(200));
  expect(printable(Buffer.from([1, 2, 3]))).toBeUndefined();
  expect(printable(Buffer.alloc(0))).toBeUndefined();
});

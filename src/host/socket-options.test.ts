import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeOption, encodeOption, type Form, findOption } from './socket-options.ts';

const through = (form: Form, value: unknown) => decodeOption(form, encodeOption(form, value));

test('an option is found by the names of the man pages', () => {
  expect(findOption('IPPROTO_TCP', 'TCP_KEEPCNT')).toEqual({ level: 6, name: 6, form: 'number' });
  expect(findOption('SOL_SOCKET', 'SO_LINGER')).toEqual({ level: 1, name: 13, form: 'linger' });
});

test('an unknown name or level is refused with the names that are known', () => {
  expect(() => findOption('SOL_SOCKET', 'TCP_INFO')).toThrow(/SO_KEEPALIVE/);
  expect(() => findOption('SOL_SOKCET', 'SO_LINGER')).toThrow(/IPPROTO_TCP/);
});

test('numbers and lingers come back as they were given', () => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => through('number', value) === value),
  );
  fc.assert(
    fc.property(fc.boolean(), fc.nat(65535), (on, seconds) => {
      expect(through('linger', { on, seconds })).toEqual({ on, seconds });
    }),
  );
});

test('names, seconds and bytes come back as they were given', () => {
  expect(through('text', 'cubic')).toBe('cubic');
  expect(decodeOption('text', Buffer.from('reno\0\0\0'))).toBe('reno');
  fc.assert(
    fc.property(fc.nat(10_000_000), (ms) => Math.abs((through('time', ms / 1000) as number) - ms / 1000) < 1e-6),
  );
  expect(through('bytes', '01ff')).toBe('01ff');
});

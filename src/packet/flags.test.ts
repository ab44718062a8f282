import { expect, test } from 'vitest';
import { ACK, CWR, ECE, FIN, flagLetters, flagNames, PSH, parseFlags, RST, SYN, URG } from './flags.ts';

test.each([
  [SYN, 'S'],
  [SYN | ACK, 'S.'],
  [ACK, '.'],
  [PSH | ACK, 'P.'],
  [FIN | PSH | ACK, 'FP.'],
  [RST | ACK, 'R.'],
  [SYN | ECE | CWR, 'SEW'],
  [PSH | ACK | URG, 'P.U'],
  [0, ''],
])('the bits %i are written "%s"', (bits, letters) => {
  expect(flagLetters(bits)).toBe(letters);
});

test('the names are in the order of the letters', () => {
  expect(flagNames(SYN | ACK | ECE)).toEqual(['SYN', 'ACK', 'ECE']);
  for (let bits = 0; bits < 256; bits++) expect(flagNames(bits).length).toBe(flagLetters(bits).length);
});

test('every combination of flags is read back', () => {
  for (let bits = 0; bits < 256; bits++) expect(parseFlags(flagLetters(bits))).toBe(bits);
});

test('the order of the letters does not matter', () => {
  expect(parseFlags('.PF')).toBe(FIN | PSH | ACK);
  expect(parseFlags('-')).toBe(0);
});

test('a letter that names no flag is refused with the letters there are', () => {
  expect(() => parseFlags('SA')).toThrow('"A" in "SA" names no TCP flag: use the letters FSRP.UEW');
});

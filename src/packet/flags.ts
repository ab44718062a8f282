// TCP's eight flags (RFC 9293, section 3.1) and their letters: tcpdump's, in the order `F S R P . U E W`.

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;

/** `S.` for SYN and ACK; the empty text for no flag at all. */
export const flagLetters = (bits: number): string => texts[bits & 0xff] as string;

/**
 * Bits from letters in any order. `-` and the empty text stand for no flag.
 * @throws {RangeError} at a letter that names no flag.
 */
export const parseFlags = (text: string): number => {
  let bits = 0;
  for (const letter of text === '-' ? '' : text) {
    const index = letters.indexOf(letter);
    if (index < 0) throw new RangeError(`"${letter}" in "${text}" names no TCP flag: use the letters ${letters}`);
    bits |= 1 << index;
  }
  return bits;
};

/** `SYN`, `ACK`: the names of those that are set, in the order of the letters. */
export const flagNames = (bits: number): string[] => names.filter((_name, index) => bits & (1 << index));

const letters = 'FSRP.UEW';
const names = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];

const texts = Array.from({ length: 256 }, (_, bits) =>
  [...letters].filter((_letter, index) => bits & (1 << index)).join(''),
);

// Numbers in the sentences of diagnoses.

/** `1 byte`, `12 bytes`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

// Words for numbers of things.

/** `1 packet`, `2 packets`. */
export const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

// Whether two values are the same, for a check: by their parts, and with NaN the same as nothing, not even as itself:
// it stands for a number that could not be had.

/** Compares strings, numbers, arrays and plain objects. A field that is undefined is one that is not there. */
export const isSame = (a: unknown, b: unknown): boolean => {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isSame(fieldOf(a, key), fieldOf(b, key))) && lengthOf(a) === lengthOf(b);
};

/** Whether a value, or any part of it, is a number that could not be had. */
export const hasNaN = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.values(value).some(hasNaN) : Number.isNaN(value);

const fieldOf = (object: object, key: string): unknown => (object as Record<string, unknown>)[key];
const lengthOf = (object: object) => (Array.isArray(object) ? object.length : 0);

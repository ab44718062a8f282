// The fields of what a call was given or gave back: the record keeps such values as they were, of any shape.

/** A field of an object; undefined of anything else. */
export const fieldIn = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;

/** The field, where it is a number. */
export const numberIn = (value: unknown, key: string): number | undefined => {
  const field = fieldIn(value, key);
  return typeof field === 'number' ? field : undefined;
};

/** The field, where it is a text. */
export const textIn = (value: unknown, key: string): string | undefined => {
  const field = fieldIn(value, key);
  return typeof field === 'string' ? field : undefined;
};

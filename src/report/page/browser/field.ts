// A field of a header: what it says, and the bytes it stands in.

export type Field = {
  name: string;
  value: string;
  /** The first byte. */
  from: number;
  /** One past the last byte. */
  to: number;
};

export const field = (name: string, from: number, length: number, value: string | number): Field => ({
  name,
  value: String(value),
  from,
  to: from + length,
});

// The bytes a script sends, and how received bytes are shown in a record.
import { numberIn } from '../record/fields.ts';

/**
 * The bytes of what a script sends: text, or `{ bytes: 1000 }` for a filler of so many. A filler repeats the alphabet,
 * so that a reader of the capture sees where it stands.
 */
export const bytesOf = (payload: unknown): Buffer => {
  if (typeof payload === 'string') return Buffer.from(payload);
  if (Buffer.isBuffer(payload)) return payload;
  if (isFiller(payload)) return Buffer.alloc(payload.bytes, 'abcdefghijklmnopqrstuvwxyz');
  throw new TypeError(`Cannot send ${JSON.stringify(payload)}: pass a string or { bytes: number }.`);
};

/** The first 200 characters, where they are printable; otherwise nothing. */
export const printable = (bytes: Buffer): string | undefined => {
  const text = bytes.toString('utf8', 0, 800).slice(0, 200);
  return text.length > 0 && /^[\P{C}\r\n\t]*$/u.test(text) ? text : undefined;
};

const isFiller = (payload: unknown): payload is { bytes: number } => numberIn(payload, 'bytes') !== undefined;

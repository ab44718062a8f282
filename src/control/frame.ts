// How a message looks on a control socket: two lengths (32 bits, big-endian), a JSON header and, optionally, bytes.

export type Header = Record<string, unknown>;
export type Message = { header: Header; bytes: Buffer };
/** The most bytes either part of a message may have. */
export type Limits = { header: number; bytes: number };

export const encode = (header: Header, bytes: Buffer = noBytes): Buffer => {
  const json = JSON.stringify(header);
  const length = Buffer.byteLength(json);
  const message = Buffer.allocUnsafe(8 + length + bytes.length);
  message.writeUInt32BE(length, 0);
  message.writeUInt32BE(bytes.length, 4);
  message.write(json, 8);
  message.set(bytes, 8 + length);
  return message;
};

/**
 * Gives a function that takes what arrives, however it is cut. It throws at the first message that is none, or is
 * longer than allowed.
 */
export const decoder = (limits: Limits, onMessage: (message: Message) => void) => {
  let pieces: Buffer[] = [];
  let have = 0;
  let need = 8;
  return (chunk: Buffer): void => {
    let data = chunk;
    if (have > 0) {
      pieces.push(chunk);
      have += chunk.length;
      if (have < need) return; // joined once, when the message is whole: a long one comes in hundreds of pieces
      data = Buffer.concat(pieces, have);
    }
    let at = 0;
    need = 8;
    while (data.length - at >= 8) {
      const jsonEnd = at + 8 + lengthAt(data, at, limits.header);
      const end = jsonEnd + lengthAt(data, at + 4, limits.bytes);
      if (data.length < end) {
        need = end - at;
        break;
      }
      const header = readHeader(data.toString('utf8', at + 8, jsonEnd));
      const bytes = jsonEnd === end ? noBytes : data.subarray(jsonEnd, end);
      at = end;
      onMessage({ header, bytes });
    }
    have = data.length - at;
    if (have > 0) pieces = [data.subarray(at)];
  };
};

const noBytes = Buffer.alloc(0);

const lengthAt = (data: Buffer, at: number, most: number): number => {
  const length = data.readUInt32BE(at);
  if (length > most) throw new Error(`a message says it has ${length} bytes, and ${most} are allowed`);
  return length;
};

const readHeader = (json: string): Header => {
  let header: unknown;
  try {
    header = JSON.parse(json);
  } catch {
    throw new Error(`a message's header is not JSON: ${JSON.stringify(json.slice(0, 40))}`);
  }
  if (isObject(header)) return header;
  throw new Error(`a message's header is not an object: ${JSON.stringify(json.slice(0, 40))}`);
};

const isObject = (value: unknown): value is Header =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// Numbers in network byte order. Reading past the end gives zeros, never an exception: callers check lengths where they matter.
// Plain indexing, because a DataView per packet would cost more than all of the decoding.

export const byteAt = (bytes: Uint8Array, offset: number): number => bytes[offset] ?? 0;

export const readUint16 = (bytes: Uint8Array, offset: number): number =>
  (byteAt(bytes, offset) << 8) | byteAt(bytes, offset + 1);

export const readUint32 = (bytes: Uint8Array, offset: number): number =>
  ((byteAt(bytes, offset) << 24) |
    (byteAt(bytes, offset + 1) << 16) |
    (byteAt(bytes, offset + 2) << 8) |
    byteAt(bytes, offset + 3)) >>>
  0;

export const writeUint16 = (bytes: Uint8Array, offset: number, value: number): void => {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
};

export const writeUint32 = (bytes: Uint8Array, offset: number, value: number): void => {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
};

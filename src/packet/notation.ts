// packetdrill's way to write a segment, with relative sequence numbers: `S 0:0(0)`, `S. 0:0(0) ack 1`, `P. 1:6(5) ack 1`.

export type NotedSegment = {
  /** Letters as `flagLetters` gives them. */
  flags: string;
  seq: number;
  ack: number;
  /** Payload bytes. */
  length: number;
};

/** `F. 1:1(0) ack 1`: flags, sequence number, end of the payload, its length, and the acknowledgement where there is one. */
export const notation = ({ flags, seq, ack, length }: NotedSegment): string => {
  const text = `${flags || '-'} ${seq}:${seq + length}(${length})`;
  return flags.includes('.') ? `${text} ack ${ack}` : text;
};

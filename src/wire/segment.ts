// What a script and a rule see of a segment on the wire: decoded, with sequence numbers relative to its connection.

import { type Connection, isAnswered } from '../packet/choose-connection.ts';
import { trackConnections } from '../packet/connections.ts';
import { decodeFrame } from '../packet/frame.ts';
import { notation } from '../packet/notation.ts';
import type { TcpOptions } from '../packet/option-summary.ts';
import type { TcpOption } from '../packet/options.ts';
import type { HostName } from '../record/hosts.ts';

/** A TCP segment on the wire. */
export type WireSegment = {
  /** The frame's number, unique in the run. */
  frame: number;
  /** The host that sent it. */
  from: HostName;
  /** The host it is for. */
  to: HostName;
  /** The connection's number, as in the timeline. */
  connection: number;
  /** The sender's port. */
  sourcePort: number;
  /** The receiver's port. */
  destinationPort: number;
  /** `S`, `S.`, `.`, `P.`, `F.`, `R`, `R.` … */
  flags: string;
  /** Relative to the sender's initial sequence number. */
  seq: number;
  /** Relative to the receiver's; 0 without ACK. */
  ack: number;
  /** Payload bytes. */
  length: number;
  /** The window field as it stands in the header, not scaled. */
  window: number;
  /** TCP options by name: `{ mss, windowScale, sackPermitted, sack, timestamps, other }`. */
  options: TcpOptions;
  /** The options one by one, in the order in which they stand. */
  optionList: readonly TcpOption[];
  /** The payload itself. */
  payload: Uint8Array;
  /** packetdrill's notation: `F. 1:1(0) ack 1`. */
  text: string;
};

export type SegmentReader = ReturnType<typeof createReader>;

/** Decodes the frames of one lab in the order they come. */
export const createReader = () => {
  const tracker = trackConnections();
  /** Those that began with a segment of the script's. */
  const made = new Set<Connection>();
  return {
    /** Absolute initial sequence numbers of a connection. */
    connection: (number: number) => tracker.connections[number],
    /** The latest that fits; a SYN the script made and nobody answered is no connection as long as there is another. */
    latest: (fits: (connection: Connection) => boolean) => {
      const fitting = tracker.connections.filter(fits);
      return fitting.findLast((one) => !made.has(one) || isAnswered(one)) ?? fitting.at(-1);
    },
    /** Undefined for anything that is not TCP. `isMade`: by the script. */
    read: (bytes: Uint8Array, frame: number, isMade = false): WireSegment | undefined => {
      const decoded = decodeFrame(bytes);
      if (!decoded) return undefined;
      const known = tracker.connections.length;
      const placed = tracker.place(decoded, isMade);
      if (isMade && placed.connection.number >= known) made.add(placed.connection);
      const { flags, length, window, sourcePort, destinationPort } = decoded;
      const { seq, ack, from, to } = placed;
      return {
        frame,
        from,
        to,
        connection: placed.connection.number,
        sourcePort,
        destinationPort,
        flags,
        seq,
        ack,
        length,
        window,
        options: decoded.options,
        optionList: decoded.optionList,
        payload: decoded.payload,
        text: notation({ flags, seq, ack, length }),
      };
    },
  };
};

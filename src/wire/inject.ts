// A segment made from fields: what the wire injects.

import { encodeSegment } from '../packet/frame.ts';
import { notation } from '../packet/notation.ts';
import type { TcpOptions } from '../packet/option-summary.ts';
import { sequenceAdd } from '../packet/sequence.ts';
import { addressOf, farHost, type HostName, peersOf } from '../record/hosts.ts';
import type { SegmentReader } from './segment.ts';

/** A segment to inject. Ports and relative sequence numbers are those of `connection`, where one is named. */
export type InjectedFields = {
  /** The host whose address it bears as its source; it is delivered to the other. */
  from: HostName;
  /** Letters: `S`, `S.`, `.`, `P.`, `F.`, `R`, `R.` */
  flags: string;
  /** IPv6 goes between the hosts' own IPv6 addresses. Default: as the connection, else 4. */
  version?: 4 | 6;
  /** The connection's number; default: the latest on these ports, or the latest at all. */
  connection?: number;
  /** Default: the connection's. */
  sourcePort?: number;
  /** Default: the connection's. */
  destinationPort?: number;
  /**
   * Relative to the connection's initial sequence numbers; absolute where there is no connection, or with `absolute`.
   * Default 0.
   */
  seq?: number;
  /** The same of the other side; only with the letter `.`. Default 0. */
  ack?: number;
  /** `seq` and `ack` stand in the header as they are. Default false. */
  absolute?: boolean;
  /** Header field, not scaled. Default 64240. */
  window?: number;
  /** TCP options by name: `{ mss: 1460, timestamps: { value, echo } }`. Default none. */
  options?: TcpOptions;
  /** Text, sent as UTF-8. Default none. */
  payload?: string;
};

/**
 * The frame, with right checksums, and how the record describes it. Throws when ports are missing and no connection
 * gives them.
 */
export const makeFrame = (
  fields: InjectedFields,
  reader: SegmentReader,
  hosts: readonly HostName[],
): { bytes: Buffer; described: Record<string, unknown> } => {
  const { from, flags, seq = 0, ack = 0, absolute = false, window = 64_240, options = {}, payload = '' } = fields;
  const connection = findConnection(fields, reader);
  const to = connection ? farHost(connection, from) : (peersOf(from, hosts)[0] ?? from);
  const sourcePort = fields.sourcePort ?? connection?.[from].port;
  const destinationPort = fields.destinationPort ?? connection?.[to].port;
  if (sourcePort === undefined || destinationPort === undefined) {
    throw new Error(
      'A segment cannot be injected without ports: name sourcePort and destinationPort, or a connection that exists.',
    );
  }
  const addressIn = (host: HostName) => {
    const isOther = fields.version !== undefined && (fields.version === 6) !== connection?.[host].address.includes(':');
    if (connection && !isOther) return connection[host].address;
    return fields.version === 6 ? addressOf[host].ip6 : addressOf[host].ip;
  };
  const base = (host: HostName) => (absolute ? 0 : (connection?.isn[host] ?? 0));
  const frame = encodeSegment({
    sourceMac: addressOf[from].mac,
    destinationMac: addressOf[to].mac,
    sourceAddress: addressIn(from),
    destinationAddress: addressIn(to),
    sourcePort,
    destinationPort,
    seq: sequenceAdd(base(from), seq),
    ack: flags.includes('.') ? sequenceAdd(base(to), ack) : 0,
    flags,
    window,
    options,
    payload,
  });
  return {
    bytes: Buffer.from(frame),
    described: { from, segment: notation({ flags, seq, ack, length: payload.length }), absolute },
  };
};

const findConnection = ({ from, connection, sourcePort, destinationPort }: InjectedFields, reader: SegmentReader) => {
  if (connection !== undefined) return reader.connection(connection);
  return reader.latest(
    (one) =>
      (sourcePort === undefined || one[from].port === sourcePort) &&
      (destinationPort === undefined || one[farHost(one, from)].port === destinationPort),
  );
};

// One segment as an event: what it carries, when each host had it, what became of it and what it is.
import { z } from 'zod';
import { endpoint } from '../record/endpoint.ts';
import { hostName, perHostSchema } from '../record/hosts.ts';
import { base, eventId } from './event-base.ts';

export const tcpOptions = z.object({
  mss: z.number().optional(),
  windowScale: z.number().optional(),
  sackPermitted: z.literal(true).optional(),
  sack: z.array(z.tuple([z.number(), z.number()])).optional(),
  timestamps: z.object({ value: z.number(), echo: z.number() }).optional(),
  /** Kinds of options finwait does not name, in order. */
  other: z.array(z.number()).optional(),
});
export type TcpOptions = z.infer<typeof tcpOptions>;

/** One segment: one event, with the time of each host's copy. */
export const segmentEvent = z.object({
  ...base,
  kind: z.literal('segment'),
  from: hostName,
  to: hostName,
  connection: z.number(),
  /** From the sender's capture; absent when the wire itself made the segment. */
  sentAt: z.number().optional(),
  /** From the receiver's capture; absent when it never arrived. */
  receivedAt: z.number().optional(),
  /** Nanoseconds of its way for which the script had the wire keep it (`delay`, `hold`); the rest is the wire's own doing. */
  keptByScript: z.number().optional(),
  /** When the script let it go for good; absent where it never kept it, or still does. */
  keptUntil: z.number().optional(),
  source: endpoint,
  destination: endpoint,
  /** tcpdump's letters in packetdrill's order: `S`, `S.`, `.`, `P.`, `F.`, `R`, `R.`, `FP.`, with `E` and `W` for ECN. */
  flags: z.string(),
  /** Relative to the initial sequence number of the sender. */
  seq: z.number(),
  /** Relative to the initial sequence number of the receiver; 0 without ACK. */
  ack: z.number(),
  /** Payload bytes. */
  length: z.number(),
  /** The window field as it stands in the header, not scaled. */
  window: z.number(),
  options: tcpOptions,
  absolute: z.object({ seq: z.number(), ack: z.number() }),
  /** Absent where the captures keep only the beginning of the segment. */
  checksumOk: z.boolean().optional(),
  /** The first bytes of the payload, hexadecimal, at most 64. */
  payload: z.string().optional(),
  /** packetdrill's notation: `F. 1:1(0) ack 1`. */
  text: z.string(),
  /** What became of it on the wire. `held` is one still held when the run ended. */
  fate: z.enum(['delivered', 'dropped', 'held']),
  /** It was dropped because the link of the receiving host was down. */
  linkDown: z.literal(true).optional(),
  /** Who put it on the wire. `duplicate` and `replay` are copies made by the wire, `inject` is a made-up segment. */
  origin: z.enum(['host', 'duplicate', 'replay', 'inject']),
  /** The segment whose sequence numbers this one repeats, when the sender's kernel sent it again. */
  retransmissionOf: eventId.optional(),
  /** The segment a wire-made copy was copied from. */
  copyOf: eventId.optional(),
  /** What it is, where that has a name of its own. */
  role: z
    .enum([
      'retransmission',
      'keepalive-probe',
      'keepalive-answer',
      'window-probe',
      'window-probe-answer',
      'window-update',
      'duplicate-ack',
    ])
    .optional(),
  /** The frame's number in wire.ndjson. */
  frame: z.number(),
  /** Index of the packet in each capture, from 1, as Wireshark counts. */
  packet: perHostSchema(z.number().optional()),
});
export type SegmentEvent = z.infer<typeof segmentEvent>;

// What a packetdrill script says, once it is understood.
import type { TcpOption } from '../../packet/options.ts';
import type { Assertion } from './asserts.ts';
import type { SocketCall } from './calls.ts';
import type { Setting } from './commands.ts';

export type PktScript = {
  /** The file's name without folders. */
  file: string;
  text: string;
  options: PktOptions;
  /** In order. The first bears time 0. */
  lines: PktLine[];
};

export type PktOptions = {
  /** An event may be so much too early or too late. packetdrill's default: 4000. */
  toleranceUsecs: number;
  /**
   * Or this share of the time since the event before it, if that is more. packetdrill's default: 12.5, the imprecision
   * of kernel timers since 4.8.
   */
  tolerancePercent: number;
  /** Where `bind(3, ..., ...)` and `connect(3, ..., ...)` go. Default: chosen by the player. */
  bindPort?: number;
  connectPort?: number;
  /** Each `>` stands for exactly one segment, instead of as many as make up its length. */
  strictSegments: boolean;
};

/** Seconds: since the first event (absolute), or since the event before (relative). `any` is `*`. */
export type PktTime = { kind: 'absolute' | 'relative'; at: number; until?: number } | { kind: 'any' };

export type PktLine = {
  line: number;
  /** The event as it is written, on one line. */
  text: string;
  time: PktTime;
} & PktAction;

export type PktAction =
  | { action: 'inbound'; segment: PktSegment }
  | { action: 'outbound'; segment: PktSegment }
  | { action: 'call'; call: PktCall }
  | { action: 'settings'; settings: Setting[] }
  | { action: 'assert'; assertions: Assertion[] };

export type PktSegment = {
  /** packetdrill's letters as finwait orders them: `S.`, `FP.` */
  flags: string;
  /** As written: absolute where the segment bears a SYN, relative to it elsewhere. */
  seq: number;
  length: number;
  /** 0 where it is not written. */
  ack: number;
  window?: number;
  urgent: number;
  /** In order; undefined where the script says `<...>`. */
  options?: TcpOption[];
  /** Inbound only: what goes into the IPv4 header. */
  tos?: number;
  ttl?: number;
};

export type PktCall = SocketCall & {
  /** For a call that blocks: seconds, counted like the event's own time. */
  returnsAt?: number;
  /** What it must return; undefined for `...`. */
  value?: number;
  /** ECONNRESET and so on, where the value is -1. */
  errno?: string;
};

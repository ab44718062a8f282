// The scripted peer: what a script injects as if the client had sent it, and the queue of what the real kernel has sent since.

import { encodeSegment } from '../../packet/frame.ts';
import { notation } from '../../packet/notation.ts';
import type { TcpOption } from '../../packet/options.ts';
import { sequenceAdd } from '../../packet/sequence.ts';
import { now } from '../../record/clock.ts';
import { addressOf } from '../../record/hosts.ts';
import type { Source } from '../../record/source.ts';
import type { WireRecord } from '../../record/wire-records.ts';
import type { Session } from '../../session/session.ts';
import type { WireSegment } from '../../wire/segment.ts';
import { continues, difference, merge, type Numbers, wordsOf } from '../judge/compare.ts';
import type { PktSegment } from '../notation/script.ts';

export type Ports = { bind: number; connect: number; remote: number };
type Context = { step: number; source: Source };
/** Why a line is not as the script says, in words for the reader. */
export type Problem = { expected?: string; actual: string };

export type Peer = ReturnType<typeof createPeer>;

export const createPeer = (session: Session, ports: Ports, strictSegments: boolean) => {
  const { wire } = session;
  const queue: { segment: WireSegment; t: number }[] = [];
  const delivered = new Map<number, PromiseWithResolvers<{ t: number; done: number }>>();
  const numbers: Numbers = { local: 0, remote: 0, remoteIsn: 0 };
  /** The script's timestamps and the real ones they stand for. */
  const timestamps = new Map<number, number>();
  let connection: number | undefined;
  let localPort = ports.bind;
  let remotePort = ports.remote;
  let isFresh = true;
  let isConnecting = false;
  let wake = () => {};

  const deliveryOf = (frame: number) => {
    const known = delivered.get(frame) ?? Promise.withResolvers<{ t: number; done: number }>();
    delivered.set(frame, known);
    return known;
  };
  const onRecord = (record: WireRecord) => {
    if (record.type === 'deliver' && record.to === 'server')
      deliveryOf(record.frame).resolve({ t: record.t, done: record.done });
  };
  const onSegment = (segment: WireSegment, t: number) => {
    const { from, sourcePort, destinationPort } = segment;
    if (from !== 'server' || (sourcePort !== ports.bind && destinationPort !== ports.connect)) return;
    queue.push({ segment, t });
    wake();
  };
  const stops = [session.onWire(onRecord), wire.watchReads(onSegment)];

  /** The next segment of the connection, or nothing when none has come by then (CLOCK_MONOTONIC, ns). */
  const next = async (deadline: number): Promise<{ segment: WireSegment; t: number } | undefined> => {
    for (;;) {
      for (let found = queue.shift(); found; found = queue.shift()) {
        const { segment } = found;
        if (segment.connection === connection) return found;
        if (isConnecting && segment.flags.includes('S') && segment.destinationPort === ports.connect) {
          connection = segment.connection;
          localPort = segment.sourcePort;
          remotePort = segment.destinationPort;
          isConnecting = false;
          return found;
        }
      }
      if (now() >= deadline) return undefined;
      await session.wait(
        new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(1, (deadline - now()) / 1e6));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        }),
      );
    }
  };

  return {
    /** A new socket: the next SYN opens another connection. */
    renew: () => {
      isFresh = true;
    },
    connecting: (port = ports.connect) => {
      ports.connect = port;
      isConnecting = true;
      isFresh = false;
    },
    bound: (port: number) => {
      ports.bind = port;
      localPort = port;
    },
    /**
     * Inject a segment. Resolves to when it was handed to the kernel and when the kernel had processed it (ns), or to
     * why it cannot be made.
     */
    inject: async (segment: PktSegment, context: Context): Promise<{ t: number; done: number } | Problem> => {
      const isSyn = segment.flags.includes('S');
      const isOpening = isSyn && !segment.flags.includes('.');
      if (isOpening && isFresh) {
        remotePort = connection === undefined ? remotePort : remotePort + 1;
        localPort = ports.bind;
        connection = undefined;
        isFresh = false;
      }
      if (isSyn && (isOpening || numbers.remoteIsn === 0)) {
        numbers.remote = segment.seq;
        numbers.remoteIsn = segment.seq;
      }
      const isn = connection === undefined ? undefined : wire.connection(connection)?.isn;
      const options = liveOptions(segment, isn?.server ?? 0);
      if ('actual' in options) return options;
      const frame = encodeSegment({
        sourceAddress: addressOf.client.ip,
        destinationAddress: addressOf.server.ip,
        sourcePort: remotePort,
        destinationPort: localPort,
        flags: segment.flags,
        seq: isSyn ? segment.seq : sequenceAdd(isn?.client ?? numbers.remoteIsn, segment.seq),
        ack: segment.flags.includes('.') ? sequenceAdd(isn?.server ?? 0, segment.ack - (isSyn ? numbers.local : 0)) : 0,
        window: segment.window ?? 0,
        urgent: segment.urgent,
        options: options.list,
        payload: filler(segment),
        ...(segment.tos !== undefined && { tos: segment.tos }),
        ...(segment.ttl !== undefined && { ttl: segment.ttl }),
      });
      const made = wire.injectFrame(context, 'client', frame, { segment: notation(segment) });
      if (made) connection = made.connection;
      const frames = wire.frameCount();
      return session.orAbort(deliveryOf(made?.frame ?? frames).promise);
    },
    /**
     * Wait for what the script expects. Resolves to when the kernel had sent it (ns, as the sidecar read it), or to
     * what came instead.
     */
    expect: async (expected: PktSegment, deadline: number): Promise<{ t: number } | Problem> => {
      if (expected.flags.includes('S')) numbers.local = expected.seq;
      const sent: WireSegment[] = [];
      let first: number | undefined;
      do {
        const { segment, t } = (await next(deadline)) ?? {};
        first ??= t;
        if (!segment) {
          return {
            actual: sent.length === 0 ? 'no segment came' : `no more came after ${wordsOf(merge(sent), numbers)}`,
          };
        }
        if (sent.length > 0 && !continues(sent, segment))
          return { actual: `${wordsOf(merge(sent), numbers)}, and then ${wordsOf(segment, numbers)}` };
        sent.push(segment);
      } while (!strictSegments && merge(sent).length < expected.length && sent.at(-1)?.length !== 0);
      const whole = merge(sent);
      const differs = difference(expected, { ...whole, optionList: sent[0]?.optionList }, numbers);
      if (differs)
        return { actual: `${wordsOf({ ...whole, optionList: sent[0]?.optionList }, numbers)}: ${differs.words}` };
      rememberTimestamp(expected, whole);
      return { t: first ?? now() };
    },
    stop: () => {
      for (const stop of stops) stop();
    },
  };

  function rememberTimestamp(expected: PktSegment, { options }: { options: WireSegment['options'] }) {
    const written = expected.options?.find(({ name }) => name === 'timestamps');
    if (written?.name === 'timestamps' && options.timestamps) timestamps.set(written.value, options.timestamps.value);
  }

  /** With real numbers in place of the script's: SACK blocks, and the timestamp that is echoed. */
  function liveOptions(segment: PktSegment, localIsn: number): { list: TcpOption[] } | Problem {
    const list: TcpOption[] = [];
    for (const option of segment.options ?? []) {
      if (option.name === 'sack')
        list.push({
          name: 'sack',
          blocks: option.blocks.map(([left, right]) => [sequenceAdd(localIsn, left), sequenceAdd(localIsn, right)]),
        });
      else if (option.name === 'timestamps' && segment.flags.includes('.')) {
        const echo = timestamps.get(option.echo);
        if (echo === undefined)
          return {
            actual: `the script has no earlier segment of the kernel (>) with TS val ${option.echo}, so it is not known what to echo`,
          };
        list.push({ ...option, echo });
      } else list.push(option);
    }
    return { list };
  }
};

/** The alphabet over and over, by sequence number: a segment sent again bears the same bytes. */
const filler = ({ seq, length, flags }: PktSegment): Uint8Array => {
  const first = seq + (flags.includes('S') ? 1 : 0) - 1;
  return Uint8Array.from({ length }, (_, index) => 97 + ((((first + index) % 26) + 26) % 26));
};

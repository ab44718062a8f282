// What the parts of a lab send, taken down. A message of a kind that a part does not send ends its connection, and becomes a gap.
import type { Header } from '../control/channel.ts';
import type { Hello } from '../lab/admission.ts';
import { nameOf, type Receiver } from '../lab/lab.ts';
import type { ApiRecord } from '../record/api-records.ts';
import { now } from '../record/clock.ts';
import type { HostName } from '../record/hosts.ts';
import { partRecord } from '../record/part-records.ts';
import type { Recorder } from '../recording/recorder.ts';
import type { Wire } from '../wire/wire.ts';
import type { Processes } from './processes.ts';
import type { Progress } from './progress.ts';
import type { Sockets } from './sockets.ts';

type Recipients = {
  recorder: Recorder;
  wire: Pick<Wire, 'read'>;
  sockets: Pick<Sockets, 'receive'>;
  processes: Pick<Processes, 'arrived'>;
  progress: Progress;
  /** Something was captured. */
  captured?(host: HostName): void;
};

export const createReceiver = ({ recorder, wire, sockets, processes, progress, captured }: Recipients): Receiver => ({
  receive: (hello, header, bytes) => {
    const { role, host } = hello;
    if (role === 'sidecar' && header.frame) return wire.read(host, Buffer.from(bytes), timeOf(header));
    if (role === 'sidecar' && header.pcap) {
      recorder.pcap(host, bytes);
      return captured?.(host);
    }
    if (role === 'sidecar' && header.destroyed) return sockets.receive(host, bytes);
    if (role === 'agent' && header.trace) return recorder.trace(host, bytes);
    if (role !== 'sidecar' && header.record) {
      const record = recordFrom(hello, header.record);
      if (record.type === 'output') progress.output?.(record.process, record.text);
      return recorder.api(record);
    }
    const kinds = Object.keys(header).slice(0, 5).join(', ').slice(0, 100);
    throw new Error(`a message of a kind it does not send: ${kinds}`);
  },
  arrived: processes.arrived,
  broken: (hello, reason) => {
    const words = `${nameOf(hello)} was cut off for what it sent: ${reason}`;
    recorder.api({ type: 'gap', t: now(), witness: 'api', host: hello.host, reason: words });
  },
});

/** A record as the part may send it: of a kind that parts write, and of its own host. */
const recordFrom = ({ host }: Hello, words: unknown): ApiRecord => {
  const { data, error } = partRecord.safeParse(words);
  if (!data) {
    const [first] = error.issues;
    throw new Error(`a record that is none (${first?.path.join('.') || 'the whole'}: ${first?.message})`);
  }
  if ('host' in data && data.host !== host) throw new Error(`a record of the ${data.host}`);
  return data;
};

const timeOf = ({ t }: Header): number => {
  if (typeof t === 'number') return t;
  throw new Error('a frame without its time');
};

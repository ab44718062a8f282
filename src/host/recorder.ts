// Writes down what a process or agent does, as records sent to the collector the moment they happen.

import type { ApiRecord } from '../record/api-records.ts';
import { now } from '../record/clock.ts';
import type { Endpoint } from '../record/endpoint.ts';
import type { HostName } from '../record/hosts.ts';

export type Addresses = { local?: Endpoint; remote?: Endpoint };
type CallRecord = Extract<ApiRecord, { type: 'call' }>;
type Given<Type extends ApiRecord['type'], Known extends string> = Omit<
  Extract<ApiRecord, { type: Type }>,
  'type' | Known
>;

/** What the caller says of a call; the recorder adds time, host and an id where it has none. */
export type CallNote = Given<'call', 't' | 'call' | 'host' | 'process' | 'via'> & {
  call?: string;
  process?: string;
};

export type Recorder = ReturnType<typeof createRecorder>;

/** `name` is the process the records speak of, unless a record names another. */
export const createRecorder = (
  { host, name, via }: { host: HostName; name: string; via: CallRecord['via'] },
  send: (record: ApiRecord) => void,
) => {
  let own = 0;
  return {
    /** Record a call about to be made. Returns its id. */
    call: (note: CallNote): string => {
      const { call = `${name}:own${++own}`, ...rest } = note;
      send({ type: 'call', t: now(), host, process: name, via, ...rest, call });
      return call;
    },
    /** Record that the call came back. */
    returned: (call: string, outcome: Given<'return', 't' | 'call'> = {}) => {
      const { value, errno, length, waited, local, remote } = outcome;
      send({ type: 'return', t: now(), call, value, errno, length, waited, local, remote });
    },
    /** Record an event of a Node object. */
    emit: (event: Given<'emit', 't' | 'host' | 'process'>) =>
      send({ type: 'emit', t: now(), host, process: name, ...event }),
    /** Record a process that starts, ends, stops or continues. */
    process: (edge: Given<'process', 't' | 'host'> & { t?: number }) =>
      send({ type: 'process', t: now(), host, ...edge }),
    output: (output: Given<'output', 't' | 'host'>) => send({ type: 'output', t: now(), host, ...output }),
  };
};

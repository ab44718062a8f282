// What the arguments of a script's words can be. The message of each kind says what it takes: it ends the sentence a
// script is refused with.

import { isIP } from 'node:net';
import { constants } from 'node:os';
import { z } from 'zod';
import type { HostIdentity } from '../../experiment/vocabulary.ts';
import { hostNames } from '../../record/hosts.ts';
import { tcpState } from '../../record/tcp-state.ts';
import { shown } from './shown.ts';

const listed = (values: string[]) => {
  const words = values.map(shown);
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
};
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: unknown, test: (one: unknown) => boolean) => Array.isArray(value) && [...value].every(test);
const isHost = (value: unknown) =>
  isObject(value) && hostName.safeParse(value.name).success && typeof value.address === 'string';

/** A kind by its test. */
export const kind = <T>(takes: string, test: (value: unknown) => boolean): z.ZodType<T> => z.custom<T>(test, takes);

const whole = (takes: string, least: number, most: number) =>
  kind<number>(takes, (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most);

export const port = whole('a port from 0 to 65535', 0, 65_535);
export const count = whole('a whole number from 1', 1, Number.MAX_SAFE_INTEGER);
export const backlog = whole('a whole number from 0', 0, 2 ** 31 - 1);
export const anyInt = whole('a whole number', -(2 ** 31), 2 ** 31 - 1);
export const bytes = whole('a number of bytes from 0', 0, 2 ** 31 - 1);
/** -1 is what socket(2) gives when it fails: what the kernel says of it is worth recording. */
export const descriptor = whole('a descriptor, a whole number', -1, 2 ** 31 - 1);
export const exitCode = whole('an exit code from 0 to 255', 0, 255);
export const sequenceNumber = whole('a sequence number of 32 bits', -(2 ** 32) + 1, 2 ** 32 - 1);
export const window = whole('a window from 0 to 65535', 0, 65_535);

const inRange = (value: unknown, least: number) =>
  typeof value === 'number' && value >= least && value <= longestMilliseconds;
/** Node's timers count with 31 bits: a longer time would be over at once. */
const longestMilliseconds = 2 ** 31 - 1;
export const milliseconds = kind<number>('milliseconds from 0', (value) => inRange(value, 0));
export const interval = kind<number>('milliseconds from 1', (value) => inRange(value, 1));
export const seconds = kind<number>('seconds from 0', (value) => inRange(value, 0));

export const boolean = kind<boolean>('true or false', (value) => typeof value === 'boolean');
export const text = kind<string>('a text', (value) => typeof value === 'string');
export const name = kind<string>('a text that is not empty', (value) => typeof value === 'string' && value !== '');
export const texts = kind<string[]>('a list of texts', (value) => isList(value, (one) => typeof one === 'string'));
export const pattern = kind<RegExp>('a regular expression', (value) => value instanceof RegExp);
export const action = kind<() => unknown>('a function', (value) => typeof value === 'function');
export const promise = kind<Promise<unknown>>('a promise', (value) => value instanceof Promise);
export const predicate = kind<(segment: never) => boolean>(
  "a condition: carries('FIN'), sent('client') or a function of a segment",
  (value) => typeof value === 'function',
);

export const oneOf = (...values: string[]) => kind<string>(listed(values), (value) => values.includes(value as string));
export const someOf = (...values: string[]) =>
  kind<string[]>(`a list of ${listed(values)}`, (value) => isList(value, (one) => values.includes(one as string)));

export const hostName = oneOf(...hostNames);
export const state = oneOf(...tcpState.options);
export const signal = kind<string>(
  'the name of a signal such as SIGTERM',
  (value) => typeof value === 'string' && Object.hasOwn(constants.signals, value),
);
export const address = kind<string>('an IP address', (value) => typeof value === 'string' && isIP(value) !== 0);
export const hostIdentity = kind<HostIdentity>('a host of the lab', isHost);
export const host = kind<object>(
  'a host of the lab or its name',
  (value) => isHost(value) || hostName.safeParse(value).success,
);
/** A Node process also takes what a resolver knows. */
export const target = kind<object | string>(
  'a host of the lab or an address',
  (value) => isHost(value) || (typeof value === 'string' && value !== ''),
);
export const rawTarget = kind<object | string>(
  'a host of the lab or an IP address',
  (value) => isHost(value) || address.safeParse(value).success,
);
export const data = kind<string | { bytes: number }>(
  'a text, or { bytes: a whole number from 0 }',
  (value) =>
    typeof value === 'string' ||
    (isObject(value) && Object.keys(value).join() === 'bytes' && bytes.safeParse(value.bytes).success),
);
export const segment = kind<object>(
  'a segment that wire.seen(), wire.next() or wire.held() gave',
  (value) => isObject(value) && Number.isInteger(value.frame),
);
export const segments = kind<object[]>('a list of segments that wire.held() gave', (value) =>
  isList(value, (one) => segment.safeParse(one).success),
);
export const flags = kind<string>(
  'flags by their letters, such as S, S., ., P., F. or R',
  (value) => typeof value === 'string' && /^([FSRP.UEW]*|-)$/.test(value),
);
export const setting = kind<number | string>(
  'a number or a text',
  (value) => Number.isFinite(value) || (typeof value === 'string' && value !== ''),
);
/** ip-route(8). */
export const metric = oneOf(
  ...['advmss', 'congctl', 'cwnd', 'features', 'hoplimit', 'initcwnd', 'initrwnd', 'mtu', 'quickack', 'reordering'],
  ...['rto_min', 'rtt', 'rttvar', 'ssthresh', 'window'],
);

/** An object of these options and no other. */
export const options = <T>(shape: { [Key in keyof Required<T>]: z.ZodType }) => {
  const names = Object.keys(shape);
  return z.strictObject(shape, {
    error: ({ code }) => `${code === 'unrecognized_keys' ? 'nothing but' : 'an object of'} ${names.join(', ')}`,
  });
};

/** A text for each name. */
export const textsByName = kind<Record<string, string>>(
  'an object of texts',
  (value) => isObject(value) && Object.values(value).every((one) => typeof one === 'string'),
);

export const callsWitness = oneOf('strace', 'unseen');

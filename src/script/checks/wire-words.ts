// The words of the wire, and what their arguments must be.
import type { InjectedFields, NatOptions, Rule, WireControl } from '../../experiment/vocabulary.ts';
import type { TcpOptions } from '../../packet/option-summary.ts';
import { may, need, type Words, word } from './check.ts';
import * as kinds from './kinds.ts';
import { wait } from './process-words.ts';

const { boolean, hostName, milliseconds, oneOf, port, predicate, text } = kinds;

const inByte = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255;
const isPairs = (value: unknown) =>
  Array.isArray(value) && value.every((one) => Array.isArray(one) && one.length === 2);

const ruling = { times: kinds.count.optional(), from: hostName.optional() };
const rule = may('rule', kinds.options<Rule>(ruling));

const tcpOptions = kinds.options<TcpOptions>({
  mss: kinds.window.optional(),
  windowScale: kinds.kind('a shift from 0 to 255', inByte).optional(),
  sackPermitted: kinds.kind('true', (value) => value === true).optional(),
  sack: kinds.kind('a list of pairs of sequence numbers', isPairs).optional(),
  timestamps: kinds
    .options<{ value: number; echo: number }>({ value: kinds.sequenceNumber, echo: kinds.sequenceNumber })
    .optional(),
  other: kinds.kind('a list of kinds from 0 to 255', (value) => Array.isArray(value) && value.every(inByte)).optional(),
});

export const wireWords: Words<WireControl> = {
  cut: word(may('from', hostName)),
  restore: word(),
  link: word(need('host', kinds.host), need('state', oneOf('down', 'up'))),
  drop: word(need('predicate', predicate), rule),
  hold: word(need('predicate', predicate), rule),
  release: word(may('segments', kinds.segments)),
  held: word(),
  delay: word(
    need('milliseconds', milliseconds),
    may('rule', kinds.options<Rule & { predicate?: unknown }>({ ...ruling, predicate: predicate.optional() })),
  ),
  duplicate: word(need('predicate', predicate), rule),
  nat: word(
    // biome-ignore lint/suspicious/noThenProperty: what it does then; no promise
    need('options', kinds.options<NatOptions>({ idleSeconds: kinds.seconds, then: oneOf('silence', 'reset') })),
  ),
  replay: word(need('segment', kinds.segment)),
  inject: word(
    need(
      'fields',
      kinds.options<InjectedFields>({
        from: hostName,
        flags: kinds.flags,
        version: kinds.kind('4 or 6', (value) => value === 4 || value === 6).optional(),
        connection: kinds.backlog.optional(),
        sourcePort: port.optional(),
        destinationPort: port.optional(),
        seq: kinds.sequenceNumber.optional(),
        ack: kinds.sequenceNumber.optional(),
        absolute: boolean.optional(),
        window: kinds.window.optional(),
        options: tcpOptions.optional(),
        payload: text.optional(),
      }),
    ),
  ),
  freeRun: word(),
  lockstep: word(),
  quiet: word(may('milliseconds', milliseconds)),
  next: word(need('predicate', predicate), wait),
  seen: word(may('predicate', predicate)),
};

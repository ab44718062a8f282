// The lines --name=value at the top of a script.
import { PktError, unsupported } from './pkt-error.ts';
import type { Reader } from './reader.ts';
import type { PktOptions } from './script.ts';

export const parseOptions = (reader: Reader): PktOptions => {
  const options: PktOptions = { toleranceUsecs: 4000, tolerancePercent: 12.5, strictSegments: false };
  while (reader.peek().kind === 'option') {
    const { text, line } = reader.take();
    const name = text.slice(2);
    const value = reader.skip('=') ? readValue(reader) : undefined;
    const set = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!set)
      throw unsupported(
        line,
        `The option ${text} is`,
        `Known are ${Object.keys(known)
          .map((one) => `--${one}`)
          .join(', ')}.`,
      );
    set(options, value, line);
  }
  return options;
};

const readValue = (reader: Reader): string => {
  const { kind } = reader.peek();
  if (!['integer', 'float', 'word', 'string', 'address'].includes(kind)) reader.fail('the value of the option');
  return reader.take().text;
};

type Set = (options: PktOptions, value: string | undefined, line: number) => void;

const numberIn = (low: number, high: number, name: string, value: string | undefined, line: number): number => {
  const number = Number(value);
  if (value === undefined || value === '' || !(number >= low && number <= high)) {
    throw new PktError(line, `--${name} takes a number between ${low} and ${high}.`);
  }
  return number;
};

const known: Record<string, Set> = {
  tolerance_usecs: (options, value, line) => {
    options.toleranceUsecs = numberIn(0, 60_000_000, 'tolerance_usecs', value, line);
  },
  tolerance_percent: (options, value, line) => {
    options.tolerancePercent = numberIn(0, 100, 'tolerance_percent', value, line);
  },
  bind_port: (options, value, line) => {
    options.bindPort = numberIn(1, 65_535, 'bind_port', value, line);
  },
  connect_port: (options, value, line) => {
    options.connectPort = numberIn(1, 65_535, 'connect_port', value, line);
  },
  strict_segments: (options) => {
    options.strictSegments = true;
  },
  ip_version: (_options, value, line) => {
    if (value !== 'ipv4')
      throw unsupported(line, `--ip_version=${value} is`, 'The lab speaks IPv4: --ip_version=ipv4.');
  },
  // Tells packetdrill's tun how to cut what it injects; the wire injects a segment as one frame, whatever its length.
  mss: (_options, value, line) => void numberIn(1, 65_535, 'mss', value, line),
  mtu: (_options, value, line) => {
    if (value !== '1500') throw unsupported(line, `--mtu=${value} is`, 'The link of the lab has an MTU of 1500.');
  },
};

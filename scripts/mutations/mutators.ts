// What may befall recorded evidence: cut, drop, swap, edit, mix. Each mutator changes one thing, which may be one in
// several files.
import { type Files, isEvidence, joined, type Split, split } from './evidence-files.ts';
import type { Random } from './random.ts';

/** `other` is another recorded run, of the same experiment or of another. */
export type Given = { files: Files; other: Files; random: Random };
/** What was done, and what came of it; nothing where it does not apply. */
export type Mutation = { what: string; files: Files } | undefined;
export type Mutator = (given: Given) => Mutation;

const hosts = ['client', 'server'] as const;
const replaced = (files: Files, changes: Record<string, Buffer>): Files =>
  new Map([...files, ...Object.entries(changes)]);
const textOf = (files: Files, name: string): string => files.get(name)?.toString() ?? '';
/** Files of which something can be taken. */
const filled = (files: Files): string[] =>
  [...files.keys()].filter((name) => isEvidence(name) && (files.get(name)?.length ?? 0) > 0);

/** Change the records of one file. */
const onRecords =
  (
    what: string,
    change: (split: Split, random: Random) => Buffer[] | undefined,
    fits = (_name: string) => true,
  ): Mutator =>
  ({ files, random }) => {
    const name = random.pick(filled(files).filter(fits));
    const parts = split(name, files.get(name) as Buffer);
    if (parts.records.length < 2) return undefined;
    const records = change(parts, random);
    return records && { what: `${what} of ${name}`, files: replaced(files, { [name]: joined({ ...parts, records }) }) };
  };

/** The proofs over the evidence and the source that judges it can be harmed as well. */
const all = (files: Files): string[] => [
  ...filled(files),
  ...[...files.keys()].filter((name) => name.startsWith('source/')),
  'plan.json',
  'journal.txt',
  'seal.json',
];

const cutAtByte: Mutator = ({ files, random }) => {
  const name = random.pick(all(files));
  const content = files.get(name) as Buffer;
  const at = random.below(content.length);
  return { what: `${name} cut at byte ${at}`, files: replaced(files, { [name]: content.subarray(0, at) }) };
};

const dropFile: Mutator = ({ files, random }) => {
  const name = random.pick(all(files));
  return { what: `${name} removed`, files: new Map([...files].filter(([one]) => one !== name)) };
};

const dropLastRecords = onRecords('some last records', ({ records }, random) =>
  records.slice(0, records.length - 1 - random.below(Math.ceil(records.length / 2))),
);
const dropLastRecord = onRecords('the last record', ({ records }) => records.slice(0, -1));
const dropRecord = onRecords('one record', ({ records }, random) => records.toSpliced(random.below(records.length), 1));
const dropRow = onRecords(
  'a socket',
  ({ records }, random) => {
    const at = random.below(records.length);
    const lines = (records[at] as Buffer).toString().split(/(?<=\n)(?=[A-Z])/);
    if (lines.length < 3) return undefined;
    lines.splice(2 + random.below(lines.length - 2), 1);
    return records.with(at, recounted(lines.join('')));
  },
  (name) => /^ss-(client|server)\.txt$/.test(name),
);
const repeatRecord = onRecords('one record twice', ({ records }, random) => {
  const at = random.below(records.length);
  return records.toSpliced(at, 0, records[at] as Buffer);
});
const swapRecords = onRecords('two records exchanged', ({ records }, random) => {
  const [one, two] = [random.below(records.length), random.below(records.length)];
  return one === two ? undefined : records.with(one, records[two] as Buffer).with(two, records[one] as Buffer);
});

/** A frame that neither capture nor the wire knows of any more. */
const dropFrame =
  (isLast: boolean): Mutator =>
  ({ files, random }) => {
    const lines = split('wire.ndjson', files.get('wire.ndjson') ?? Buffer.alloc(0)).records.map((line) =>
      line.toString(),
    );
    const reads = lines.filter((line) => line.startsWith('{"type":"read"'));
    const read = isLast ? reads.at(-1) : random.pick(reads);
    if (read === undefined) return undefined;
    const { frame, from } = JSON.parse(read) as { frame: number; from: 'client' | 'server' };
    const to = from === 'client' ? 'server' : 'client';
    const isOfFrame = (line: string) => JSON.parse(line).frame === frame;
    const numberAmong = (type: string, key: string, host: string) =>
      lines
        .map((line) => JSON.parse(line))
        .filter((record) => record.type === type && record[key] === host)
        .findIndex((record) => record.frame === frame);
    return {
      what: `frame ${frame} gone from both captures and wire.ndjson`,
      files: replaced(files, {
        'wire.ndjson': Buffer.from(lines.filter((line) => !isOfFrame(line)).join('')),
        [`${from}.pcap`]: withoutPacket(files, from, true, numberAmong('read', 'from', from)),
        [`${to}.pcap`]: withoutPacket(files, to, false, numberAmong('deliver', 'to', to)),
      }),
    };
  };

/** Without the packet of that number among those the host sent, or was given. */
const withoutPacket = (files: Files, host: 'client' | 'server', isSent: boolean, number: number): Buffer => {
  const parts = split('a.pcap', files.get(`${host}.pcap`) as Buffer);
  const first = parts.records[0]?.subarray(22, 28);
  const own =
    host === 'client'
      ? first
      : parts.records.find((one) => first && !one.subarray(22, 28).equals(first))?.subarray(22, 28);
  const fitting = parts.records.filter((one) => own && one.subarray(22, 28).equals(own) === isSent);
  return joined({ ...parts, records: parts.records.filter((one) => number < 0 || one !== fitting[number]) });
};

const lastThirdOfSamples: Mutator = ({ files, random }) => {
  const both = random.below(2) === 0;
  const changed = (both ? hosts : [random.pick(hosts)]).map((host) => {
    const parts = split('ss.txt', files.get(`ss-${host}.txt`) ?? Buffer.alloc(0));
    const kept = Math.floor((parts.records.length * 2) / 3);
    return [`ss-${host}.txt`, joined({ ...parts, records: parts.records.slice(0, kept) })] as const;
  });
  return {
    what: `the last third of the samples of ${both ? 'both hosts' : 'a host'}`,
    files: replaced(files, Object.fromEntries(changed)),
  };
};

const swapHosts: Mutator = ({ files, random }) => {
  const kinds = [['pcap'], ['ss'], ['pcap', 'ss']][random.below(3)] as string[];
  const names = [...files.keys()].filter(
    (name) => /client|server/.test(name) && isEvidence(name) && kinds.some((kind) => name.includes(kind)),
  );
  const other = (name: string) => name.replace(/client|server/, (host) => (host === 'client' ? 'server' : 'client'));
  return {
    what: `${kinds.join(' and ')} of the hosts exchanged`,
    files: replaced(files, Object.fromEntries(names.map((name) => [name, files.get(other(name)) as Buffer]))),
  };
};

/** Change one place of a text file that a pattern finds. */
const onText =
  (what: string, names: RegExp, pattern: RegExp, change: (found: string, random: Random) => string): Mutator =>
  ({ files, random }) => {
    const fitting = [...files.keys()].filter((one) => names.test(one));
    const name = random.pick(fitting);
    const text = name === undefined ? '' : textOf(files, name);
    const places = [...text.matchAll(pattern)];
    const place = random.pick(places);
    if (!place) return undefined;
    const [found] = place;
    const instead = change(found, random);
    if (instead === found) return undefined;
    const edited = text.slice(0, place.index) + instead + text.slice(place.index + found.length);
    const line = text.slice(0, place.index).split('\n').length;
    return {
      what: `${what} in line ${line} of ${name}: ${found} is ${instead}`,
      files: replaced(files, { [name]: name.startsWith('ss-') ? recountedAll(name, edited) : Buffer.from(edited) }),
    };
  };

/** An editor that knows the file sets right how many bytes a sample has. */
const recountedAll = (name: string, text: string): Buffer =>
  Buffer.concat(split(name, Buffer.from(text)).records.map((record) => recounted(record.toString())));

const recounted = (sample: string): Buffer => {
  const output = sample.slice(sample.indexOf('\n') + 1);
  return Buffer.from(sample.replace(/^(# sample .*) bytes=\d+/, `$1 bytes=${Buffer.byteLength(output)}`));
};

const digitChanged = (number: string, random: Random) => {
  const at = random.below(number.length);
  return `${number.slice(0, at)}${(Number(number[at]) + 1 + random.below(9)) % 10}${number.slice(at + 1)}`;
};
const otherOf = (words: string[]) => (found: string, random: Random) =>
  random.pick(words.filter((word) => word !== found));
const words = {
  state: [
    'ESTAB',
    'SYN-SENT',
    'SYN-RECV',
    'FIN-WAIT-1',
    'FIN-WAIT-2',
    'TIME-WAIT',
    'CLOSE-WAIT',
    'LAST-ACK',
    'CLOSING',
    'UNCONN',
  ],
  errno: ['ECONNRESET', 'EPIPE', 'ECONNREFUSED', 'ETIMEDOUT', 'EAGAIN', 'ENOTCONN'],
  event: [
    '"name":"end"',
    '"name":"close"',
    '"name":"error"',
    '"name":"data"',
    '"name":"connect"',
    '"name":"connection"',
  ],
  call: [
    '"api":"close"',
    '"api":"shutdown"',
    '"api":"end"',
    '"api":"write"',
    '"api":"connect"',
    '"api":"accept"',
    '"api":"destroy"',
  ],
  fate: ['"type":"deliver"', '"type":"drop"', '"type":"hold"'],
  host: ['"client"', '"server"'],
};
const anyOf = (all: string[]) => new RegExp(all.join('|'), 'g');

const edits: Mutator[] = [
  onText('a number', /^(api|wire)\.ndjson$|^ss-.*\.txt$|^plan\.json$/, /\d+/g, digitChanged),
  onText('a time', /^(api|wire)\.ndjson$/, /(?<="(?:t|done)":)\d+/g, (time, random) =>
    String(Number(time) + (random.below(2) ? 1 : -1) * random.pick([1e6, 1e8, 1e9, 3e9, 1e11])),
  ),
  onText('the time of a sample', /^ss-.*\.txt$/, /(?<=(?:begin|end)=)\d+/g, (time, random) =>
    String(Number(time) + (random.below(2) ? 1 : -1) * random.pick([1e6, 1e8, 1e9, 3e9])),
  ),
  onText(
    'a state',
    /^ss-(client|server)\.txt$/,
    new RegExp(`^(?:${words.state.join('|')})\\b`, 'gm'),
    otherOf(words.state),
  ),
  onText('a port', /^ss-.*\.txt$|^api\.ndjson$/, /(?<=192\.0\.2\.[12]:|"port":)\d+/g, digitChanged),
  onText('a queue', /^ss-(client|server)\.txt$/, /(?<=^[A-Z][A-Z0-9-]+ +)\d+/gm, digitChanged),
  onText(
    'a timer',
    /^ss-(client|server)\.txt$/,
    /(?<=timer:\()\w+,[\w.]+/g,
    otherOf(['on,204ms', 'keepalive,70sec', 'timewait,59sec', 'persist,1.2sec']),
  ),
  onText('an error', /^api\.ndjson$/, anyOf(words.errno), otherOf(words.errno)),
  onText('an event', /^api\.ndjson$/, anyOf(words.event), otherOf(words.event)),
  onText('a call', /^api\.ndjson$/, anyOf(words.call), otherOf(words.call)),
  onText('a value', /^api\.ndjson$/, /(?<="(?:value|bytes)":)\d+/g, digitChanged),
  onText(
    'a text',
    /^api\.ndjson$/,
    /(?<="text":")\w+/g,
    (text, random) => text.slice(0, random.below(text.length)) + random.pick(['x', 'yz', '']),
  ),
  onText('a fate', /^wire\.ndjson$/, anyOf(words.fate), otherOf(words.fate)),
  onText('a host', /^(api|wire)\.ndjson$/, anyOf(words.host), otherOf(words.host)),
  onText(
    'the experiment',
    /^plan\.json$/,
    /(?<="experiment": ")[\w-]+/g,
    otherOf(['half-close', 'kill-nine', 'process-end', 'simultaneous-close']),
  ),
  onText('the mode of the wire', /^plan\.json$/, /lockstep|freeRun/g, otherOf(['lockstep', 'freeRun'])),
];

/** A byte of a packet: its flags, a port, a sequence number, its time or any; in one capture or, the same, in both. */
const editPacket: Mutator = ({ files, random }) => {
  const host = random.pick(hosts);
  const parts = split('a.pcap', files.get(`${host}.pcap`) as Buffer);
  if (parts.records.length === 0) return undefined;
  const packet = random.pick(parts.records);
  // 16 bytes of record header, 14 of Ethernet, 20 of IPv4; then TCP.
  const [name, at] = random.pick([
    ['the flags', 16 + 14 + 20 + 13],
    ['a port', 16 + 14 + 20 + random.below(4)],
    ['a sequence number', 16 + 14 + 20 + 4 + random.below(8)],
    ['the time', random.below(8)],
    ['a byte', random.below(packet.length)],
  ] as const);
  const before = packet[at] as number;
  const after = name === 'the flags' ? before ^ random.pick([1, 2, 4, 8, 16]) : (before + 1 + random.below(255)) % 256;
  const edited = Buffer.from(packet);
  edited[at] = after;
  const frame = packet.subarray(16);
  const isBoth = at >= 16 && random.below(2) === 0;
  const changed = (isBoth ? hosts : [host]).map((one) => {
    const own = split('a.pcap', files.get(`${one}.pcap`) as Buffer);
    const records = own.records.map((record) => {
      if (!record.subarray(16).equals(frame) || (one === host && !record.equals(packet))) return record;
      return Buffer.concat([record.subarray(0, 16), edited.subarray(16)]);
    });
    return [
      `${one}.pcap`,
      joined({
        ...own,
        records:
          at < 16
            ? own.records.map((record) => (record === packet || record.equals(packet) ? edited : record))
            : records,
      }),
    ] as const;
  });
  return {
    what: `${name} of a packet in ${isBoth ? 'both captures' : `${host}.pcap`}`,
    files: replaced(files, Object.fromEntries(changed)),
  };
};

const flipByte: Mutator = ({ files, random }) => {
  const name = random.pick(all(files));
  const content = Buffer.from(files.get(name) as Buffer);
  const at = random.below(content.length);
  content[at] = ((content[at] as number) + 1 + random.below(255)) % 256;
  return { what: `byte ${at} of ${name}`, files: replaced(files, { [name]: content }) };
};

const mixFile: Mutator = ({ files, other, random }) => {
  const name = random.pick([...filled(other), 'plan.json'].filter((one) => files.has(one)));
  return { what: `${name} of another run`, files: replaced(files, { [name]: other.get(name) as Buffer }) };
};
const mixMost: Mutator = ({ files, other, random }) => {
  const kept = random.pick([
    ['plan.json'],
    ['plan.json', 'api.ndjson'],
    ['api.ndjson'],
    ['ss-client.txt', 'ss-server.txt'],
    ['client.pcap', 'server.pcap', 'wire.ndjson'],
  ]);
  const taken = [...other.keys()].filter((name) => (isEvidence(name) || name === 'plan.json') && !kept.includes(name));
  return {
    what: `all but ${kept.join(' and ')} of another run`,
    files: replaced(files, Object.fromEntries(taken.map((name) => [name, other.get(name) as Buffer]))),
  };
};
const mixRecord: Mutator = ({ files, other, random }) => {
  const name = random.pick(filled(other).filter((one) => filled(files).includes(one)));
  const foreign = random.pick(split(name, other.get(name) as Buffer).records);
  const parts = split(name, files.get(name) as Buffer);
  if (!foreign || parts.records.length === 0) return undefined;
  const at = random.below(parts.records.length);
  return {
    what: `a record of another run in ${name}`,
    files: replaced(files, {
      [name]: joined({ ...parts, records: parts.records.toSpliced(at, random.below(2), foreign) }),
    }),
  };
};

/** Every kind is tried as often as every other. */
export const mutators: Record<string, Mutator[]> = {
  cut: [cutAtByte, dropLastRecord, dropLastRecords],
  drop: [dropRecord, dropRow, dropFile, dropFrame(true), dropFrame(false), lastThirdOfSamples],
  swap: [swapHosts, swapRecords, repeatRecord],
  edit: [...edits, editPacket, editPacket, editPacket, flipByte],
  mix: [mixFile, mixMost, mixRecord],
};

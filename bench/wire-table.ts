// The part of docs/the-wire.md that says in numbers what the wire does to the kernels' round trips and timeouts.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

type Shown = { rtt: number; rto: number };
/** What ss showed of a new connection: after the handshake, and after some exchanges. Milliseconds. */
export type Connection = { first: Shown; later: Shown };

export type Measured = Record<'veth' | 'freeRun' | 'lockstep', Connection[]>;

export const median = (of: readonly Connection[], pick: (one: Connection) => number): number =>
  of.map(pick).sort((a, b) => a - b)[of.length >> 1] as number;
export const largest = (of: readonly Connection[], pick: (one: Connection) => number): number =>
  Math.max(...of.map(pick));

export const writeTable = (load: number, machines: Record<string, Measured>): void => {
  const page = new URL('../docs/the-wire.md', import.meta.url);
  const rows = Object.entries(machines).flatMap(([machine, measured]) =>
    (['veth', 'freeRun', 'lockstep'] as const).map((link) => rowOf(machine, link, measured[link])),
  );
  const count = Object.values(machines)[0]?.veth.length ?? 0;
  const table = [
    ...aligned([['machine', 'link', 'RTT after the handshake', 'RTO', 'RTO after ten exchanges'], ...rows]),
    '',
    `Median and largest of ${count} connections, milliseconds, as ss shows them. Linux ${release()}, ${cpus().length} cores, load average ${load.toFixed(1)} at the start. Measured by \`npm run bench -- free\`.`,
  ].join('\n');
  const text = readFileSync(page, 'utf8');
  const part = /(<!-- measured -->\n)[\s\S]*?(<!-- end of measured -->)/;
  writeFileSync(
    page,
    text.replace(part, (_all, begin, end) => `${begin}${table}\n${end}`),
  );
};

const names = { veth: 'a bare veth pair', freeRun: 'the wire, free run', lockstep: 'the wire, lockstep' };

const rowOf = (machine: string, link: keyof typeof names, of: Connection[]): string[] => {
  const both = (pick: (one: Connection) => number, digits: number) =>
    `${median(of, pick).toFixed(digits)}, ${largest(of, pick).toFixed(digits)}`;
  return [
    machine,
    names[link],
    both(({ first }) => first.rtt, 2),
    both(({ first }) => first.rto, 0),
    both(({ later }) => later.rto, 0),
  ];
};

/** As the formatter would have it. The first row is the heading. */
const aligned = ([heading = [], ...rows]: string[][]): string[] => {
  const widths = heading.map((_, column) => Math.max(...[heading, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(heading), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
};

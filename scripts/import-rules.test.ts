import { describe, expect, it } from 'vitest';
import { forbidden, rooms, violations } from './import-rules.ts';

const faults: [file: string, source: string][] = [
  ['src/packet/pcap.ts', "import { order } from '../timeline/order.ts';"],
  ['src/packet/pcap.ts', "import type { Timeline } from '../timeline/schema.ts';"],
  ['src/packet/pcap.ts', "import { readFileSync } from 'node:fs';"],
  ['src/packet/tcp/flags.ts', "import { connect } from 'node:net';"],
  ['src/timeline/order.ts', "import { verdict } from '../verdict/verdict.ts';"],
  ['src/timeline/order.ts', "import { dial } from '../control/channel.ts';"],
  ['src/timeline/order.ts', "import { spawn } from 'node:child_process';"],
  ['src/verdict/verdict.ts', "import { lanes } from '../report/lanes.ts';"],
  ['src/verdict/verdict.ts', "export * from '../report/lanes.ts';"],
  ['src/verdict/verdict.ts', "import process from 'node:process';"],
  ['src/report/terminal/lanes.ts', "import { run } from '../../run/run.ts';"],
  ['src/report/terminal/lanes.ts', "import { execa } from 'execa';"],
  ['src/report/terminal/lanes.ts', "const fs = await import('node:fs');"],
  ['experiments/close/half-close.ts', "import { lab } from '../../src/lab/lab.ts';"],
  ['experiments/close/half-close.ts', "import { experiment } from '../../src/finwait.ts';"],
  ['src/report/words/words.ts', "import { row } from '../rows/row.ts';"],
  ['src/report/page/html.ts', "import { run } from './browser/run.ts';"],
  ['src/report/page/browser/app.ts', "import { z } from 'zod';"],
  ['src/report/page/browser/app.ts', "import { styleText } from 'node:util';"],
  ['src/session/session.ts', "import { playFile } from '../packetdrill/play-file.ts';"],
  ['src/record/clock.ts', "import { Wire } from '../wire/wire.ts';"],
  ['src/attic/old.ts', ''],
  ['experiments/close/half-close.ts', "import 'node:net';"],
  ['src/run/run.ts', "import { main } from '../cli.mjs';"],
  ['src/run/run.ts', "import { list } from '../commands/list.ts';"],
  ['src/commands/list.ts', "import { main } from '../cli.mjs';"],
  ['src/run/run.test.ts', "import { list } from '../commands/list.ts';"],
  ['test/list.test.ts', "import { list } from '../src/commands/list.ts';"],
];

const permitted: [file: string, source: string][] = [
  ['src/timeline/order.ts', "import { segment } from '../packet/segment.ts';"],
  ['src/timeline/order.ts', "import type { ApiRecord } from '../record/records.ts';"],
  ['src/timeline/order.ts', "import { z } from 'zod';"],
  ['src/verdict/verdict.ts', "import type { Timeline } from '../timeline/schema.ts';"],
  ['src/report/terminal/lanes.ts', "import { glyphs } from '../words/glyphs.ts';"],
  ['src/report/terminal/lanes.ts', "import type { Verdict } from '../../verdict/schema.ts';"],
  ['src/report/page/browser/run.ts', "import type { PageData } from '../content.ts';"],
  ['src/report/page/browser/headers.ts', "import { decodeDamaged } from '../../../packet/frame.ts';"],
  ['src/step/screen/screen.ts', "import { glyphs } from '../../report/words/glyphs.ts';"],
  ['src/report/lanes.test.ts', "import { readFileSync } from 'node:fs';"],
  ['experiments/close/half-close.ts', "import { experiment } from '#finwait';"],
  ['src/cli.mjs', "import { list } from './commands/list.ts';"],
  ['src/commands/list.ts', "import { names } from './names.ts';"],
  ['src/lab/lab.ts', "import { spawn } from 'node:child_process';"],
];

describe('the import direction', () => {
  it.each(faults)('forbids %s to say %s', (file, source) => {
    expect(forbidden(file, source)).toEqual([{ file, line: 1, message: expect.any(String) }]);
  });

  it.each(permitted)('permits %s to say %s', (file, source) => {
    expect(forbidden(file, source)).toEqual([]);
  });

  it('finds an import that spans several lines, and names the line of the module', () => {
    const source = "// header\nimport {\n  a,\n  b,\n} from '../report/lanes.ts';\nimport { c } from './c.ts';\n";
    expect(forbidden('src/verdict/verdict.ts', source)).toEqual([
      { file: 'src/verdict/verdict.ts', line: 5, message: expect.stringContaining('src/report/lanes.ts') },
    ]);
  });

  it('says what is allowed instead', () => {
    const [violation] = forbidden('src/verdict/verdict.ts', "import { lanes } from '../report/lanes.ts';");
    expect(violation?.message).toMatch(/^src\/verdict may import src\/record, .* and itself/);
  });
});

describe('the house', () => {
  const files = (...own: [string, string][]) => new Map(own);
  const house = [
    { place: 'src/low', imports: [] },
    { place: 'src/high', imports: ['src/low'] },
  ];
  const low: [string, string] = ['src/low/a.ts', ''];
  const high: [string, string] = ['src/high/b.ts', "import { a } from '../low/a.ts';"];
  const faultsOf = (all: Map<string, string>, rules = house) => violations(all, rules).map(({ message }) => message);

  it('stands where each rule is needed', () => {
    expect(faultsOf(files(low, high))).toEqual([]);
  });

  it('has no rule for what is not there, and none that nobody needs', () => {
    expect(faultsOf(files(low))).toEqual(['there is no src/high', 'nothing in src/high imports src/low']);
    expect(faultsOf(files(low, ['src/high/b.ts', '']))).toEqual(['nothing in src/high imports src/low']);
  });

  it('has no room that rests on one above it', () => {
    const upside = [{ place: 'src/low', imports: ['src/high'] }, ...house.slice(1)];
    const rests: [string, string] = ['src/low/a.ts', "import type { b } from '../high/c.ts';"];
    expect(faultsOf(files(rests, high, ['src/high/c.ts', '']), upside)).toEqual([
      'a circle of imports: src/low → src/high → src/low',
      'src/low may import src/high, which does not stand above it',
    ]);
  });

  it('has no circle of files, within a room or across', () => {
    const one: [string, string] = ['src/low/one.ts', "import { two } from './two.ts';"];
    const two: [string, string] = ['src/low/two.ts', "import type { one } from './one.ts';"];
    expect(faultsOf(files(low, high, one, two))).toEqual([
      'a circle of imports: src/low/one.ts → src/low/two.ts → src/low/one.ts',
    ]);
  });

  it('has no circle of folders side by side, though no file of them is in one', () => {
    const one: [string, string] = ['src/low/in/one.ts', "import { two } from '../out/two.ts';"];
    const three: [string, string] = ['src/low/out/three.ts', "import { four } from '../in/four.ts';"];
    const rest: [string, string][] = [
      ['src/low/out/two.ts', ''],
      ['src/low/in/four.ts', ''],
    ];
    expect(faultsOf(files(low, high, one, three, ...rest))).toEqual([
      'a circle of imports: src/low/in → src/low/out → src/low/in',
    ]);
    expect(faultsOf(files(low, high, one, ...rest))).toEqual([]);
  });

  it('names each room once', () => {
    const places = rooms.map(({ place }) => place);
    expect(new Set(places).size).toBe(places.length);
  });
});

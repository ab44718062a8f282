import { describe, expect, it } from 'vitest';
import { violations } from './import-rules.ts';

const forbidden: [file: string, source: string][] = [
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
  ['src/report/lanes.ts', "import { run } from '../run/run.ts';"],
  ['src/report/lanes.ts', "import { execa } from 'execa';"],
  ['src/report/lanes.ts', "const fs = await import('node:fs');"],
  ['experiments/close/half-close.ts', "import { lab } from '../../src/lab/lab.ts';"],
  ['experiments/close/half-close.ts', "import { experiment } from '../../src/experiment/index.ts';"],
  ['experiments/close/half-close.ts', "import 'node:net';"],
  ['src/run/run.ts', "import { main } from '../cli.mjs';"],
  ['src/run/run.ts', "import { list } from '../commands/list.ts';"],
  ['src/commands/list.ts', "import { main } from '../cli.mjs';"],
  ['src/run/run.test.ts', "import { list } from '../commands/list.ts';"],
  ['test/list.test.ts', "import { list } from '../src/commands/list.ts';"],
];

const permitted: [file: string, source: string][] = [
  ['src/timeline/order.ts', "import { segment } from '../packet/segment.ts';"],
  ['src/timeline/order.ts', "import type { ApiRecord } from '../control/records.ts';"],
  ['src/timeline/order.ts', "import { z } from 'zod';"],
  ['src/verdict/verdict.ts', "import type { Timeline } from '../timeline/schema.ts';"],
  ['src/report/terminal/lanes.ts', "import { glyphs } from '../glyphs.ts';"],
  ['src/report/lanes.ts', "import type { Verdict } from '../verdict/schema.ts';"],
  ['src/report/lanes.test.ts', "import { readFileSync } from 'node:fs';"],
  ['experiments/close/half-close.ts', "import { experiment } from '#finwait';"],
  ['src/cli.mjs', "import { list } from './commands/list.ts';"],
  ['src/commands/list.ts', "import { names } from './names.ts';"],
  ['src/lab/lab.ts', "import { spawn } from 'node:child_process';"],
];

describe('the import direction', () => {
  it.each(forbidden)('forbids %s to say %s', (file, source) => {
    expect(violations(file, source)).toEqual([{ file, line: 1, message: expect.any(String) }]);
  });

  it.each(permitted)('permits %s to say %s', (file, source) => {
    expect(violations(file, source)).toEqual([]);
  });

  it('finds an import that spans several lines, and names the line of the module', () => {
    const source = "// header\nimport {\n  a,\n  b,\n} from '../report/lanes.ts';\nimport { c } from './c.ts';\n";
    expect(violations('src/verdict/verdict.ts', source)).toEqual([
      { file: 'src/verdict/verdict.ts', line: 5, message: expect.stringContaining('src/report/lanes.ts') },
    ]);
  });

  it('says what is allowed instead', () => {
    const [violation] = violations('src/verdict/verdict.ts', "import { lanes } from '../report/lanes.ts';");
    expect(violation?.message).toMatch(/^src\/verdict may import src\/packet, src\/timeline, .* and itself/);
  });
});

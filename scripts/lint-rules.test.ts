import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const impure = [
  'Date.now()',
  'new Date()',
  'process.env.HOME',
  'performance.now()',
  'setTimeout(() => 1, 5)',
  "console.log('x')",
  "fetch('x')",
];
const pure = '((process: { Date: string }) => process.Date)({ Date: "" })';
const cases = ['packet', 'timeline', 'verdict', 'report'].flatMap((folder) =>
  impure.map((expression, index) => ({ file: `src/${folder}/deep/impure-${index}.ts`, expression })),
);

const starters = [
  ['src/lab/starter.ts', 'node:child_process'],
  ['src/witness/starter.ts', 'execa'],
] as const;
const allowed = [
  ['src/process/child.ts', 'execa'],
  ['src/host/processes.ts', 'node:child_process'],
  ['src/lab/starts.test.ts', 'execa'],
] as const;

describe('the linter', () => {
  let folder = '';
  let output = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'finwait-lint-'));
    cpSync(join(import.meta.dirname, '../biome.json'), join(folder, 'biome.json'));
    const others = [
      { file: 'src/report/pure.ts', expression: pure },
      { file: 'src/run/clock.ts', expression: 'Date.now()' },
      { file: 'src/report/lanes.test.ts', expression: 'Date.now()' },
    ];
    for (const { file, expression } of [...cases, ...others]) {
      mkdirSync(join(folder, file, '..'), { recursive: true });
      writeFileSync(join(folder, file), `export const x = () => ${expression};\n`);
    }
    for (const [file, module] of [...starters, ...allowed]) {
      mkdirSync(join(folder, file, '..'), { recursive: true });
      writeFileSync(
        join(folder, file),
        `import { ${module === 'execa' ? 'execa' : 'spawn'} as x } from '${module}';\n`,
      );
    }
    const flags = [
      '--vcs-enabled=false',
      '--only=style/noRestrictedGlobals',
      '--only=style/noRestrictedImports',
      '--reporter=github',
      '--max-diagnostics=none',
    ];
    const options = {
      cwd: folder,
      preferLocal: true,
      localDir: import.meta.dirname,
      all: true,
      reject: false,
    } as const;
    output = (await execa('biome', ['lint', ...flags], options)).all;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(cases)('finds $expression in $file', ({ file }) => {
    expect(output).toContain(file);
  });

  it('lets arguments and properties have any name', () => {
    expect(output).not.toContain('src/report/pure.ts');
  });

  it.each(starters)('finds a child started in %s by %s', (file) => {
    expect(output).toContain(`/${file},`);
  });

  it.each(allowed)('lets %s import %s', (file) => {
    expect(output).not.toContain(`/${file},`);
  });

  it('lets other folders and tests read the clock', () => {
    expect(output).not.toContain('clock.ts');
    expect(output).not.toContain('lanes.test.ts');
  });
});

import { execa } from 'execa';
import { describe, expect, it } from 'vitest';

const lint = async (file: string, source: string): Promise<string> => {
  const { all } = await execa('biome', ['lint', `--stdin-file-path=${file}`], {
    preferLocal: true,
    localDir: import.meta.dirname,
    input: source,
    all: true,
    reject: false,
  });
  return all;
};

const impure = [
  'Date.now()',
  'new Date()',
  'process.env.HOME',
  'performance.now()',
  'setTimeout(() => 1, 5)',
  "console.log('x')",
  "fetch('x')",
];

describe('the pure folders', () => {
  for (const folder of ['packet', 'timeline', 'verdict', 'report']) {
    it(`src/${folder} reads no clock and does no input or output`, async () => {
      const outputs = await Promise.all(impure.map((use) => lint(`src/${folder}/x.ts`, `export const x = () => ${use};\n`)));
      for (const output of outputs) expect(output).toContain('noRestrictedGlobals');
    });
  }

  it('may name a property or an argument as they like', async () => {
    const source = 'export const x = (process: { Date: string }) => process.Date;\n';
    expect(await lint('src/report/x.ts', source)).not.toContain('noRestrictedGlobals');
  });

  it('are the only ones: others may read the clock', async () => {
    expect(await lint('src/run/x.ts', 'export const x = () => Date.now();\n')).not.toContain('noRestrictedGlobals');
  });
});

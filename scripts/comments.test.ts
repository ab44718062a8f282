// Comments are read beside the code: no line of one is wider than 130 columns.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const project = join(import.meta.dirname, '..');
const comment = /^\s*(?:\/\/|\*|\/\*\*)/;

test.each(['src', 'scripts', 'test', 'bench', 'experiments'])('in %s/', (folder) => {
  const files = readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(ts|mjs|js)$/.test(name),
  );
  expect(files.length).toBeGreaterThan(0);
  const wide = files.flatMap((name) => {
    const lines = readFileSync(join(project, folder, name), 'utf8').split('\n');
    return lines.flatMap((line, index) =>
      comment.test(line) && [...line].length > 130 && !line.includes('biome-ignore') ? [`${name}:${index + 1}`] : [],
    );
  });
  expect(wide).toEqual([]);
});

// The image holds what the set-up would install to run experiments.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands } from './setup/commands.mjs';

const dockerfile = readFileSync(new URL('../docker/Dockerfile', import.meta.url), 'utf8');
/** Essential packages of Debian: every base image has them. */
const inBase = ['bash', 'util-linux'];

const needed = [...new Set(commands.flatMap(({ debian, neededTo }) => (neededTo === 'run' ? [debian] : [])))];

test.each(needed.filter((name) => !inBase.includes(name)))('%s is installed by docker/Dockerfile', (name) => {
  expect(dockerfile).toMatch(new RegExp(`^ .*\\b${name}\\b`, 'm'));
});

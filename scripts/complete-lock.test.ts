import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type Lock, missingPlatforms } from './complete-lock.ts';

it('package-lock.json names the packages of all platforms: when this fails, run `node scripts/complete-lock.ts`', () => {
  const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as Lock;
  expect(missingPlatforms(lock)).toEqual({});
});

it('an optional package the lock file lacks is added with the platform its name tells', () => {
  const lock: Lock = {
    packages: {
      '': {},
      'node_modules/parser': {
        dev: true,
        optionalDependencies: {
          '@parser/linux-x64': '2.0.0',
          '@parser/binding-linux-x64-musl': '2.0.0',
          nested: '1.0.0',
        },
      },
      'node_modules/@parser/linux-x64': { version: '2.0.0' },
      'node_modules/parser/node_modules/nested': { version: '1.0.0' },
    },
  };
  expect(missingPlatforms(lock)).toEqual({
    'node_modules/@parser/binding-linux-x64-musl': {
      version: '2.0.0',
      dev: true,
      optional: true,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['musl'],
    },
  });
});

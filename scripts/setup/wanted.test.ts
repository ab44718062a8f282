import { expect, test } from 'vitest';
import { wantedBy } from './wanted.mjs';

test('languages are wanted only by their names', () => {
  expect(wantedBy([])).toEqual({ wanted: [] });
  expect(wantedBy(['--test'])).toEqual({ wanted: ['test'] });
  expect(wantedBy(['--test', '--with', 'java,go'])).toEqual({ wanted: ['test', 'java', 'go'] });
  expect(wantedBy(['--with=go'])).toEqual({ wanted: ['go'] });
});

test('what there is not is told in a sentence', () => {
  expect(wantedBy(['--with', 'java,rust']).fault).toBe(
    "set-up knows no 'rust': it takes --test, and --with java,go,proxies.",
  );
  expect(wantedBy(['--with', '']).fault).toContain("knows no ''");
  for (const args of [['--with'], ['java'], ['--tests']])
    expect(wantedBy(args).fault).toBe(
      `set-up takes --test, and --with java,go,proxies, and was given '${args.join(' ')}'.`,
    );
});

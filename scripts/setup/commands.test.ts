import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { missingCommands } from './commands.mjs';

describe('the programs set-up looks for', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'finwait-path-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const missing = (wanted: string[], path = folder) => missingCommands(wanted, path).map(({ command }) => command);
  const put = (command: string, mode: number) => writeFileSync(join(folder, command), '#!/bin/sh\n', { mode });

  it('are missing where PATH leads to none of them', () => {
    expect(missing([])).toEqual([
      'tcpdump',
      'ss',
      'ip',
      'unshare',
      'setpriv',
      'prlimit',
      'nc',
      'python3',
      'telnet',
      'redis-check-rdb',
      'bash',
      'strace',
    ]);
  });

  it('are found in any folder on PATH', () => {
    put('tcpdump', 0o755);
    expect(missing([], `/nowhere::${folder}`)).not.toContain('tcpdump');
  });

  it('must be executable', () => {
    put('tcpdump', 0o644);
    expect(missing([])).toContain('tcpdump');
  });

  it('include tshark for the tests only', () => {
    expect(missing([])).not.toContain('tshark');
    expect(missing(['test'])).toContain('tshark');
  });

  it('include a language where it is asked for', () => {
    expect(missing(['test'])).not.toContain('javac');
    expect(missing(['java']).slice(-2)).toEqual(['java', 'javac']);
    expect(missing(['go']).at(-1)).toBe('go');
  });
});

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

  const missing = (forTests: boolean, path = folder) => missingCommands(forTests, path).map(({ command }) => command);
  const put = (command: string, mode: number) => writeFileSync(join(folder, command), '#!/bin/sh\n', { mode });

  it('are missing where PATH leads to none of them', () => {
    expect(missing(false)).toEqual([
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
    expect(missing(false, `/nowhere::${folder}`)).not.toContain('tcpdump');
  });

  it('must be executable', () => {
    put('tcpdump', 0o644);
    expect(missing(false)).toContain('tcpdump');
  });

  it('include tshark for the tests only', () => {
    expect(missing(false)).not.toContain('tshark');
    expect(missing(true)).toContain('tshark');
  });
});

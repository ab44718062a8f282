import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { faultOfSysctlName } from './sysctl-name.ts';

test.each([
  'net.ipv4.tcp_fin_timeout',
  'net.core.somaxconn',
  'net.ipv4.conf.wire.rp_filter',
  'net.ipv6.conf.all.disable_ipv6',
])('%s may be touched', (name) => expect(faultOfSysctlName(name)).toBeUndefined());

test('no name leads out of /proc/sys/net', () => {
  const piece = fc.oneof(
    fc.constantFrom('net', '.', '..', '/', 'vm', 'swappiness', '\0', '\n', ' ', '-'),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      for (const name of [pieces.join(''), pieces.join('.'), `net.${pieces.join('.')}`, `net/${pieces.join('/')}`]) {
        if (faultOfSysctlName(name)) continue;
        expect(join('/proc/sys', name.replaceAll('.', '/'))).toMatch(/^\/proc\/sys\/net\/[^/]/);
      }
    }),
    { numRuns: 2000 },
  );
});

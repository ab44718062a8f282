import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { trySysctls } from './try-sysctls.ts';

test('what a host’s namespace takes passes, and nothing of this machine is changed', async () => {
  const own = '/proc/sys/net/ipv4/tcp_fin_timeout';
  const before = readFileSync(own, 'utf8');
  expect(
    await trySysctls([
      { name: 'net.ipv4.tcp_fin_timeout', value: '7' },
      { name: 'net.ipv4.tcp_rmem', value: '4096 8192 16384' },
      { name: 'net.ipv4.conf.wire.arp_notify', value: '1' },
    ]),
  ).toBeUndefined();
  expect(readFileSync(own, 'utf8')).toBe(before);
});

test('a name there is not, and a value the kernel does not take', async () => {
  const right = { name: 'net.ipv4.tcp_sack', value: '1' };
  const wrong = { name: 'net.ipv4.tcp_sacks', value: '1' };
  expect(await trySysctls([right, wrong])).toEqual({ ...wrong, is: 'unknown' });
  const word = { name: 'net.ipv4.tcp_sack', value: 'yes' };
  expect(await trySysctls([right, word])).toEqual({ ...word, is: 'refused' });
});

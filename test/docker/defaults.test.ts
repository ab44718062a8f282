// What Docker gives a host otherwise than a new network namespace has it: these sysctls, and no other.
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { prepareImage } from '../../src/lab/docker/image.ts';

const dump = "grep -rs '' /proc/sys/net/ipv4 /proc/sys/net/core | sort";
const sysctlsIn = async (command: string, ...args: string[]) => {
  const { stdout } = await execa(command, [...args, 'sh', '-c', dump]);
  return stdout.split('\n').filter((line) => !/fastopen_key/.test(line));
};

test('two sysctls of a host differ', { timeout: 300_000 }, async () => {
  const { name } = await prepareImage(() => {});
  const inDocker = await sysctlsIn('docker', 'run', '--rm', '--network', 'none', '--user', '0', name);
  const own = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const inNamespace = await sysctlsIn('unshare', ...own, '--net');
  expect(inDocker.length).toBeGreaterThan(100);
  expect(inDocker.filter((line) => !inNamespace.includes(line)).map((line) => line.split('/').at(-1))).toEqual([
    'ip_unprivileged_port_start:0',
    'ping_group_range:0\t2147483647',
  ]);
});

import { expect, test } from 'vitest';
import type { Environment } from '../../verdict/schema.ts';
import { inheritedWords, timersInFull, timersInShort } from './timer-words.ts';

const environment = (more: Partial<Environment>) => more as Environment;
const end = (connection: number, host: 'client' | 'server', rto: number, raised: boolean) => ({
  connection,
  host,
  rtt: [rto - 200, rto - 199] as [number, number],
  minRtt: rto - 200,
  rto: [rto, rto] as [number, number],
  undisturbed: 200,
  raised,
  congestionControl: 'bbr',
});

test('one line says what all connections had, and where the wire raised it', () => {
  const timers = [end(0, 'client', 204, false), end(0, 'server', 284, true)];
  expect(timersInShort(environment({ timers }))).toBe(
    "RTT 4.0 to 85.0 ms, RTO 204 to 284 ms (ss); raised by the wire's pauses at 1 of 2 ends, 200 ms there without",
  );
  expect(timersInShort(environment({ timers: timers.slice(0, 1) }))).toBe(
    'RTT 4.0 to 5.0 ms, RTO 204 ms (ss); none raised by the wire',
  );
  const { rto: _, ...unshown } = end(1, 'client', 900, false);
  expect(timersInShort(environment({ timers: [end(0, 'client', 204, false), unshown] }))).toBe(
    'RTT 4.0 to 701.0 ms, RTO 204 ms at 1 of 2 ends (ss); none raised by the wire',
  );
  expect(timersInShort(environment({}))).toBe('');
  expect(timersInFull(environment({ timers }))).toEqual([
    '#0 client: RTT 4.0 to 5.0 ms (least 4.0), RTO 204 ms, bbr',
    "#0 server: RTT 84.0 to 85.0 ms (least 84.0), RTO 284 ms, raised by the wire's pauses, 200 ms without, bbr",
  ]);
});

test('what both hosts have from the machine is said once', () => {
  const bbr = { name: 'net.ipv4.tcp_congestion_control', value: 'bbr', default: 'cubic' };
  const sack = { host: 'server' as const, name: 'net.ipv4.tcp_sack', value: '0', default: '1' };
  const inherited = [{ host: 'client' as const, ...bbr }, { host: 'server' as const, ...bbr }, sack];
  expect(inheritedWords(environment({ inherited }))).toEqual([
    'congestion control bbr (default cubic)',
    'server: net.ipv4.tcp_sack 0 (default 1)',
  ]);
});

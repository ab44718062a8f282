import { expect, test } from 'vitest';
import { parseCounters, startCounterWitness } from './counters.ts';

test('the tables of /proc/net/netstat and /proc/net/snmp', () => {
  const text = 'TcpExt: SyncookiesSent ListenDrops\nTcpExt: 0 7\nTcp: RtoAlgorithm MaxConn RetransSegs\nTcp: 1 -1 12\n';
  expect(parseCounters(text)).toEqual({
    'TcpExt.SyncookiesSent': 0,
    'TcpExt.ListenDrops': 7,
    'Tcp.RtoAlgorithm': 1,
    'Tcp.MaxConn': -1,
    'Tcp.RetransSegs': 12,
  });
});

test('all of them first, then what has changed', () => {
  const read = startCounterWitness();
  const [first, second] = [read(), read()] as { whole?: true; values: Record<string, number> }[];
  expect(first?.whole).toBe(true);
  for (const name of ['TcpExt.ListenOverflows', 'TcpExt.TCPLossProbes', 'TcpExt.TCPTimeouts', 'Tcp.RetransSegs'])
    expect(first?.values[name]).toBeTypeOf('number');
  expect(second?.whole).toBeUndefined();
  expect(Object.keys(second?.values ?? {}).length).toBeLessThan(40);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMilliseconds, parseSocketTable } from './ss.ts';

const heading = 'State      Recv-Q Send-Q  Local Address:Port  Peer Address:Port Process                    \n';

const established =
  'ESTAB  0      3791494     192.0.2.1:34552    192.0.2.2:5000  timer:(persist,1.596ms,3) uid:1000 ino:13334 sk:1005 cgroup:/ <->\n' +
  '\t skmem:(r0,rb131072,t0,tb4194304,f2810,w3859718,o0,bl0,d0) ts sack cubic wscale:10,7 rto:208 backoff:2 rtt:5.165/10.27 send 115Mbps ' +
  'lastsnd:1500 pacing_rate 138Mbps delivery_rate 37914600bps app_limited busy:1508ms rwnd_limited:1508ms(100.0%) retrans:0/1 notsent:3791494\n';

test('a row and its indented line are one socket', () => {
  const { rows, damage } = parseSocketTable(heading + established);
  expect(damage).toBeUndefined();
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({
    state: 'ESTABLISHED',
    recvQ: 0,
    sendQ: 3791494,
    local: { address: '192.0.2.1', port: 34552 },
    peer: { address: '192.0.2.2', port: 5000 },
    inode: 13334,
    cookie: '1005',
    timer: { name: 'persist', expiresMs: 1596, resolutionMs: 1, retransmits: 3 },
  });
  expect(rows[0]?.info).toMatchObject({
    uid: '1000',
    shutdown: '<->',
    skmem: '(r0,rb131072,t0,tb4194304,f2810,w3859718,o0,bl0,d0)',
    cubic: true,
    app_limited: true,
    wscale: '10,7',
    send: '115Mbps',
    pacing_rate: '138Mbps',
    delivery_rate: '37914600bps',
    retrans: '0/1',
    notsent: '3791494',
  });
  expect(rows[0]?.raw).toBe(established.trimEnd());
});

test('TIME-WAIT, SYN-RECV and LISTEN rows are no full sockets', () => {
  const text =
    `${heading}TIME-WAIT 0      0          127.0.0.1:5000    127.0.0.1:34558 timer:(timewait,59sec,0) ino:0 sk:4\n\t\n` +
    'SYN-RECV 0      0      [::ffff:192.0.2.2]:80    [::ffff:192.0.2.1]:34558 timer:(on,,0) ino:0 sk:0\n\t\n' +
    'LISTEN     0      511          0.0.0.0%wire:5000       0.0.0.0:*     ino:13333 sk:1004 cgroup:/ <->\n\t skmem:(r0) cubic cwnd:10\n';
  const { rows } = parseSocketTable(text);
  expect(rows.map(({ state, inode, cookie, local, peer }) => ({ state, inode, cookie, local, peer }))).toEqual([
    {
      state: 'TIME-WAIT',
      inode: 0,
      cookie: '4',
      local: { address: '127.0.0.1', port: 5000 },
      peer: { address: '127.0.0.1', port: 34558 },
    },
    {
      state: 'SYN-RECEIVED',
      inode: 0,
      cookie: '',
      local: { address: '192.0.2.2', port: 80 },
      peer: { address: '192.0.2.1', port: 34558 },
    },
    {
      state: 'LISTEN',
      inode: 13333,
      cookie: '1004',
      local: { address: '0.0.0.0', port: 5000 },
      peer: { address: '0.0.0.0', port: 0 },
    },
  ]);
  expect(rows.map(({ timer }) => timer)).toEqual([
    { name: 'timewait', expiresMs: 59_000, resolutionMs: 1000, retransmits: 0 },
    { name: 'on', expiresMs: 0, resolutionMs: 1, retransmits: 0 },
    undefined,
  ]);
});

test('the timer of TIME-WAIT is that of TIME-WAIT, and of FIN-WAIT-2 once it is an orphan', () => {
  const table = (state: string, timer: string) =>
    parseSocketTable(`${heading}${state} 0 0 127.0.0.1:5000 127.0.0.1:34558 timer:(${timer},59sec,0) ino:0 sk:4\n\t\n`);
  for (const [state, timer] of [
    ['TIME-WAIT', 'timewait'],
    ['FIN-WAIT-2', 'timewait'],
    ['FIN-WAIT-2', 'keepalive'],
  ] as const)
    expect(table(state, timer)).toMatchObject({ rows: [{ timer: { name: timer } }] });
  for (const [state, timer] of [
    ['TIME-WAIT', 'on'],
    ['ESTAB', 'timewait'],
  ] as const)
    expect(table(state, timer)).toMatchObject({
      rows: [],
      damage: expect.stringMatching(/^ss printed a line that no socket has: /),
    });
});

test.each([
  ['200ms', 200],
  ['008ms', 8],
  ['9.876ms', 9876],
  ['59sec', 59_000],
  ['1min3sec', 63_000],
  ['12min', 720_000],
  ['1min', 60_000],
  ['', 0],
  ['soon', 0],
])('print_ms_timer: %s is %d ms', (text, milliseconds) => {
  expect(parseMilliseconds(text)).toBe(milliseconds);
});

test('what is no table, or an unfinished one, is damage', () => {
  expect(parseSocketTable('Cannot open netlink socket: Operation not permitted\n').damage).toBe(
    'ss printed no heading',
  );
  expect(parseSocketTable('').damage).toBe('ss printed no heading');
  expect(parseSocketTable((heading + established).slice(0, -5)).damage).toBe('the output of ss is cut short');
  expect(parseSocketTable(`${heading}ESTAB what\n`).damage).toContain('no socket');
  expect(parseSocketTable(heading + established.replace(/ino:\d/, 'ino:x')).damage).toContain('no socket');
});

test('any text is read without an exception', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseSocketTable(heading + text)));
  fc.assert(
    fc.property(fc.nat(established.length), fc.nat(established.length), (from, length) => {
      parseSocketTable(heading + established.slice(0, from) + established.slice(from + length));
    }),
  );
});

import { expect, test } from 'vitest';
import { ofTwo } from '../../record/fixtures/of-two.ts';
import { readDestroyed } from './destroyed.ts';

// As ss of iproute2 6.1 wrote it on Linux 6.18: a socket of the witness's own, a connection that was given up, a
// listener, the last marker.
const marker = `UNCONN 0      0      0.0.0.0:* 0.0.0.0:* ino:0 sk:15e1 rto:1000 mss:536 cwnd:10 lastsnd:1255368 lastrcv:1255368 lastack:1255368 app_limited\n`;
const connection = `UNCONN 0      4      192.0.2.1:34536 192.0.2.2:50000 ino:0 sk:5dd ts sack wscale:10,10 rto:3264 rtt:3.173/1.586 mss:1448 pmtu:1500 rcvmss:536 advmss:1448 cwnd:1 bytes_sent:24 bytes_retrans:20 bytes_acked:1 segs_out:8 segs_in:1 data_segs_out:6 send 3650804bps lastsnd:3520 lastrcv:6908 lastack:6908 pacing_rate 104332704bps delivered:1 app_limited busy:6848ms retrans:1/5 lost:1 rcv_space:14480 rcv_ssthresh:64088 minrtt:3.173 snd_wnd:65160\n`;
const listener = `UNCONN 0      0          127.0.0.1:5000       0.0.0.0:*     ino:0 sk:31f rto:1000 mss:536 cwnd:10 lastsnd:984884 lastrcv:984884 lastack:984884 app_limited\n`;
const piece = (t: number, text: string) => `# read t=${t} bytes=${text.length}\n${text}`;
const begin = `${piece(10, marker)}# listening t=11\n`;
const whole = `${begin}${piece(20, connection + listener)}${piece(30, marker)}# end t=29 drops=0\n`;
const nothing = '# listening t=12\n# end t=31 drops=0\n';

test('each report has its socket, its last counters and the time it was read', () => {
  const { reports, gaps } = readDestroyed(ofTwo({ client: whole, server: nothing }));
  expect(gaps).toEqual([]);
  expect(reports).toMatchObject([
    {
      host: 'client',
      t: 20,
      row: {
        local: { address: '192.0.2.1', port: 34536 },
        peer: { address: '192.0.2.2', port: 50000 },
        cookie: '5dd',
        sendQ: 4,
        info: { bytes_acked: '1', bytes_retrans: '20', segs_out: '8', segs_in: '1', retrans: '1/5', rto: '3264' },
      },
    },
    { host: 'client', t: 20, row: { local: { port: 5000 }, peer: { port: 0 }, cookie: '31f' } },
  ]);
});

test.each([
  ['nothing at all', '', 'there is no report of the host', undefined],
  ['no listening', '# read t=5 bytes=0\n', 'it never said that it was listening', undefined],
  ['no end', begin + piece(20, connection), 'the reports break off', 20],
  ['an end of its own', `${begin}# lost t=25 reason=ss -E ended (SIGKILL).\n`, 'ss -E ended (SIGKILL).', 25],
  ['a witness that never began', '# lost t=5 reason=spawn setpriv ENOENT\n', 'spawn setpriv ENOENT', undefined],
  ['reports dropped', whole.replace('drops=0', 'drops=7'), 'the kernel dropped 7 reports', undefined],
  ['a report cut short', whole.replace(' snd_wnd:65160', ''), 'a report is cut short', 20],
  ['no heading', whole.replace('# listening', '# lstening'), expect.stringContaining('is no heading'), undefined],
])('%s is a gap', (_what, client, reason, from) => {
  const { gaps } = readDestroyed(ofTwo({ client, server: nothing }));
  expect(gaps[0]).toEqual({ witness: 'ss -E', host: 'client', reason, ...(from !== undefined && { from }) });
});

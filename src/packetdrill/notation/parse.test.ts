import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseScript } from './parse.ts';
import { PktError } from './pkt-error.ts';
import type { PktLine } from './script.ts';

const parse = (text: string) => parseScript(text, 'x.pkt');
const lines = (text: string) => parse(`0 close(3) = 0\n${text}`).lines.slice(1);
const one = (text: string) => lines(text)[0] as PktLine;
const refusal = (text: string): { line: number; message: string } => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof PktError) return { line: error.line, message: error.message };
    throw error;
  }
  throw new Error('it was not refused');
};

describe('times', () => {
  it('are absolute, relative, ranges, or any time', () => {
    expect(one('0.5 close(3) = 0').time).toEqual({ kind: 'absolute', at: 0.5 });
    expect(one('+.01 close(3) = 0').time).toEqual({ kind: 'relative', at: 0.01 });
    expect(one('0.1~0.3 > . 1:1(0) ack 1').time).toEqual({ kind: 'absolute', at: 0.1, until: 0.3 });
    expect(one('+0~+.04 > . 1:1(0) ack 1').time).toEqual({ kind: 'relative', at: 0, until: 0.04 });
    expect(one('* > . 1:1(0) ack 1').time).toEqual({ kind: 'any' });
  });
  it('of a blocking call have an end', () => {
    const line = one('+.01...0.011 connect(3, ..., ...) = 0');
    expect(line.time).toEqual({ kind: 'relative', at: 0.01 });
    expect(line).toMatchObject({ action: 'call', call: { api: 'connect', returnsAt: 0.011, port: 'connect' } });
  });
  it('do not go backwards, and any time is for the kernel only', () => {
    expect(refusal('0 close(3) = 0\n0.2 close(4) = 0\n0.1 close(5) = 0')).toMatchObject({ line: 3 });
    expect(refusal('0 close(3) = 0\n* close(3) = 0')).toMatchObject({ line: 2 });
    expect(refusal('0 close(3) = 0\n0.3~0.2 > . 1:1(0) ack 1')).toMatchObject({ line: 2 });
  });
  it('begin at 0', () => {
    expect(refusal('\n1 close(3) = 0').line).toBe(2);
  });
});

describe('segments', () => {
  it('say every field', () => {
    const line = one('+0 < SE. 5:5(0) ack 1 win 65535 urg 3 <mss 1460,sackOK,TS val 10 ecr 0,nop,wscale 7>');
    expect(line).toMatchObject({
      action: 'inbound',
      segment: { flags: 'S.E', seq: 5, length: 0, ack: 1, window: 65_535, urgent: 3 },
    });
    expect(line.action === 'inbound' && line.segment.options).toEqual([
      { name: 'mss', value: 1460 },
      { name: 'sackPermitted' },
      { name: 'timestamps', value: 10, echo: 0 },
      { name: 'nop' },
      { name: 'windowScale', shift: 7 },
    ]);
  });
  it('may leave the options open, or have none', () => {
    expect(one('+0 > S. 0:0(0) ack 1 <...>')).not.toHaveProperty('segment.options');
    expect(one('+0 > . 1:1(0) ack 1')).toHaveProperty('segment.options', []);
  });
  it('end where the next event begins, though line breaks mean nothing', () => {
    expect(lines('+0 > P. 1:1001(1000)\n   ack 1\n+0 < . 1:1(0) ack 1001 win 9 <sack 1:2 5:6,nop,nop>')).toHaveLength(
      2,
    );
  });
  it('without a flag are written with a dash, their length may stand alone', () => {
    expect(one('+0 < - 1(3) win 5')).toMatchObject({ segment: { flags: '', seq: 1, length: 3, window: 5 } });
  });
  it.each([
    ['numbers that do not add up', '+0 < . 1:5(3) ack 1 win 5', 'does not add up'],
    ['an inbound one without window', '+0 < . 1:1(0) ack 1', 'window'],
    ['open options of an inbound one', '+0 < . 1:1(0) ack 1 win 5 <...>', '<...>'],
    ['options of 3 bytes', '+0 < . 1:1(0) ack 1 win 5 <wscale 7>', 'multiple of 4'],
    ['fast open', '+0 < S 0:0(0) win 5 <FO a1b2>', 'fast open'],
    ['accurate ECN', '+0 < SEWA 0:0(0) win 5', 'Accurate ECN'],
    ['UDP', '+0 < udp (10)', 'udp'],
    ['ICMP', '+0 < icmp unreachable frag_needed mtu 1200 [1:1(0)]', 'icmp'],
    ['IPv6 encapsulation', '+0 < ipv6 ::1 > ::2: . 1:1(0) ack 1', ''],
    ['ECN marks of what the kernel sends', '+0 > [ect0] . 1:1(0) ack 1', 'IP header'],
    ['ports', '+0 < 5000 > 8080 . 1:1(0) ack 1 win 5', 'Ports'],
    ['mutation', '+0 < . 1:1(0) ack 1 win 5 {mut tcp MSS}', 'Mutation'],
  ])('are refused with their line: %s', (_what, text, words) => {
    const { line, message } = refusal(`0 close(3) = 0\n\n${text}`);
    expect(line).toBe(3);
    expect(message).toContain(words);
  });
});

describe('system calls', () => {
  it('leave the address to the lab, and name their descriptor', () => {
    expect(one('+0 bind(3, ..., ...) = 0')).toMatchObject({ call: { api: 'bind', fd: 3, port: 'bind', value: 0 } });
    expect(
      one('+0 bind(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("0.0.0.0")}, ...) = 0'),
    ).toMatchObject({ call: { args: [80, '0.0.0.0'] } });
  });
  it('know options, strings, flags and errors', () => {
    expect(one('+0 setsockopt(4, SOL_TCP, TCP_NODELAY, [1], 4) = 0')).toMatchObject({
      call: { api: 'setsockopt', args: ['IPPROTO_TCP', 'TCP_NODELAY', 1] },
    });
    expect(one('+0 setsockopt(4, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0')).toMatchObject({
      call: { args: ['SOL_SOCKET', 'SO_LINGER', { on: true, seconds: 0 }] },
    });
    expect(one('+0 write(4, "he" "llo", 5) = -1 EPIPE (Broken pipe)')).toMatchObject({
      call: { api: 'write', args: ['hello'], value: -1, errno: 'EPIPE' },
    });
    expect(one('+0 recv(4, ..., 10, MSG_PEEK|MSG_DONTWAIT) = -1 EWOULDBLOCK')).toMatchObject({
      call: { args: [10, ['MSG_PEEK', 'MSG_DONTWAIT']], errno: 'EAGAIN' },
    });
    expect(one('+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0')).toMatchObject({
      call: { api: 'nonblock', args: [true] },
    });
    expect(one('+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3')).toMatchObject({ call: { makes: true, value: 3 } });
  });
  it.each([
    ['an unknown call', '+0 epoll_create(1) = 5', 'epoll_create()'],
    ['UDP', '+0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3', 'SOCK_STREAM'],
    ['fast open', '+0 setsockopt(3, SOL_TCP, TCP_FASTOPEN, [5], 4) = 0', 'fast open'],
    ['an unknown option', '+0 setsockopt(3, SOL_TCP, TCP_REPAIR, [1], 4) = 0', 'TCP_REPAIR'],
    [
      'an address that is not of the lab',
      '+0 connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("1.2.3.4")}, ...) = 0',
      'lab',
    ],
    ['an unknown flag', '+0 send(3, ..., 5, MSG_FASTOPEN) = 5', 'MSG_FASTOPEN'],
  ])('are refused with their line: %s', (_what, text, words) => {
    const { line, message } = refusal(`0 close(3) = 0\n${text}`);
    expect(line).toBe(2);
    expect(message).toContain(words);
  });
});

describe('commands', () => {
  it('set sysctls under net, each form of them', () => {
    expect(parse('`sysctl -q net.ipv4.tcp_sack=0 net.ipv4.tcp_rmem="1 2 3"`\n0 close(3) = 0').lines[0]).toMatchObject({
      settings: [
        { name: 'net.ipv4.tcp_sack', value: '0' },
        { name: 'net.ipv4.tcp_rmem', value: '1 2 3' },
      ],
    });
    expect(one('+0 `../../common/set_sysctls.py /proc/sys/net/ipv4/tcp_timestamps=0`')).toMatchObject({
      settings: [{ name: 'net.ipv4.tcp_timestamps', value: '0' }],
    });
    expect(one('+0 `echo 4 > /proc/sys/net/ipv4/tcp_retries2`')).toMatchObject({ settings: [{ value: '4' }] });
  });
  it("know packetdrill's defaults by the name of the file", () => {
    const [first] = parse(`\`../common/defaults.sh\`\n0 close(3) = 0\n\`/tmp/sysctl_restore_\${PPID}.sh\``).lines;
    expect(first?.action === 'settings' && first.settings.length).toBeGreaterThan(10);
  });
  it.each([
    'tc qdisc add dev tun0 root pfifo',
    'sysctl -q kernel.panic=1',
    'rm -rf /',
    'sysctl net.ipv4.x=$(id)',
    'echo 1 > /etc/passwd',
    'sysctl net/../kernel/panic=1',
  ])('are refused otherwise: %s', (command) => {
    expect(refusal(`0 close(3) = 0\n+0 \`${command}\``).line).toBe(2);
  });
});

describe('options, comments and code', () => {
  it('reads the options at the top', () => {
    const { options } = parse('--tolerance_usecs=100\n--ip_version=ipv4 --bind_port=99\n0 close(3) = 0');
    expect(options).toMatchObject({ toleranceUsecs: 100, bindPort: 99, tolerancePercent: 12.5 });
  });
  it('refuses what the lab does not have', () => {
    expect(refusal('// one\n--ip_version=ipv6\n0 close(3) = 0')).toMatchObject({ line: 2 });
    expect(refusal('--constructor=1\n0 close(3) = 0')).toMatchObject({ line: 1 });
  });
  it('skips the three kinds of comments', () => {
    expect(parse('# a\n// b\n/* c\n d */ 0 close(3) = 0 // e\n  # f').lines).toHaveLength(1);
  });
  it('reads assertions, each with its line', () => {
    expect(one('+0 %{ assert tcpi_state == TCP_CLOSE_WAIT and not tcpi_unacked > 2, tcpi_state }%')).toMatchObject({
      assertions: [{ text: 'assert tcpi_state == TCP_CLOSE_WAIT and not tcpi_unacked > 2' }],
    });
    expect(refusal('0 close(3) = 0\n+0 %{\nassert tcpi_rtt < 5\nprint(tcpi_rtt)\n}%')).toMatchObject({ line: 4 });
  });
});

describe('any text', () => {
  const word = fc.constantFrom(
    '0',
    '+.1',
    '*',
    '~',
    '<',
    '>',
    'S',
    'S.',
    '.',
    'F.',
    '1:1(0)',
    'ack',
    '1',
    'win',
    '257',
    '<mss 1460>',
    '<...>',
    '...',
    'socket',
    'read',
    '(',
    ')',
    '=',
    '-1',
    'EPIPE',
    '`',
    '%{',
    '}%',
    'assert',
    'tcpi_state',
    '[',
    ']',
    '{',
    '}',
    ',',
    '|',
    '"',
    '/*',
    '*/',
    '//',
    '#',
    '\n',
    '--mss',
    'sysctl -q net.ipv4.x=1',
    'constructor',
    '__proto__',
    'sack',
    'TS val 1 ecr 2',
    'udp',
    '0x12',
    '12.5.6.7',
  );
  const check = (text: string) => {
    try {
      parse(text);
    } catch (error) {
      expect(error).toBeInstanceOf(PktError);
      expect((error as PktError).line).toBeGreaterThan(0);
      expect((error as PktError).line).toBeLessThanOrEqual(text.split('\n').length);
    }
  };
  it('is read, or refused with a line of it', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => check(words.join(' '))),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => check(`0 close(3) = 0\n+0 ${words.join(' ')}`)),
      { numRuns: 200 },
    );
  });
  it('nested without end is refused', () => {
    for (const open of ['(', '[', '{', '{a=']) check(`0 close(${open.repeat(20_000)}`);
    check(`0 close(3) = 0\n+0 %{ assert ${'('.repeat(20_000)} }%`);
  });
});

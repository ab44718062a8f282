import { expect, test } from 'vitest';
import { readStraceLines, splitArguments } from './strace-lines.ts';

const read = (...lines: string[]) => readStraceLines(lines.join('\n'));

test('a call with its descriptor, what it returned and how long it took', () => {
  const { lines, unreadable } = read(
    '38 1796057325.000000100 read(18<TCP:[192.0.2.1:40000->192.0.2.2:9000]>, "a, \\"b\\") = 3", 65536) = 12 <0.000012345>',
    '',
  );
  expect(unreadable).toEqual([]);
  expect(lines).toEqual([
    {
      ...{
        kind: 'call',
        pid: 38,
        at: { seconds: 1796057325, nanoseconds: 100 },
        name: 'read',
        result: '12',
        took: 12345,
      },
      args: ['18<TCP:[192.0.2.1:40000->192.0.2.2:9000]>', '"a, \\"b\\") = 3"', '65536'],
    },
  ]);
});

test.each([
  [
    'connect(3<TCP:[77]>, {sa_family=AF_INET, sin_port=htons(9)}, 16) = -1 EINPROGRESS (Operation now in progress) <0.000000001>',
    { result: '-1', errno: 'EINPROGRESS', took: 1 },
  ],
  [
    'accept4(3<TCP:[0.0.0.0:9]>, NULL, NULL, SOCK_CLOEXEC) = 4<TCP:[192.0.2.2:9->192.0.2.1:5]> <0.000000001>',
    { result: '4<TCP:[192.0.2.2:9->192.0.2.1:5]>' },
  ],
  ['fcntl(3, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK) <0.000000001>', { result: '0x802', took: 1 }],
  [
    'read(3<TCP:[77]>, 0x7f, 10) = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <0.000000001>',
    { errno: 'ERESTARTSYS' },
  ],
  ['exit_group(0) = ?', { name: 'exit_group' }],
])('%s', (text, said) => {
  const { lines, unreadable } = read(`5 1.000000000 ${text}`, '');
  expect(unreadable).toEqual([]);
  expect(lines).toMatchObject([said]);
  if (text.endsWith('?')) expect(lines[0]).not.toHaveProperty('result');
});

test('two halves of a call are one, begun where the first stands, whatever other threads do meanwhile', () => {
  const { lines, unreadable } = read(
    '7 1.000000000 accept4(3<TCP:[0.0.0.0:9000]>,  <unfinished ...>',
    '8 2.000000000 close(5<TCP:[192.0.2.2:9000->192.0.2.1:40000]>) = 0 <0.000001000>',
    '7 3.000000000 <... accept4 resumed>NULL, NULL, SOCK_CLOEXEC) = 6<TCP:[192.0.2.2:9000->192.0.2.1:40001]> <2.000000000>',
    '',
  );
  expect(unreadable).toEqual([]);
  expect(lines.map((line) => (line.kind === 'call' ? [line.pid, line.name, line.args.length, line.took] : []))).toEqual(
    [
      [7, 'accept4', 4, 2e9],
      [8, 'close', 1, 1000],
    ],
  );
});

test('a call that had not returned when the record ended has begun; a process that ended has ended', () => {
  const { lines, unreadable } = read(
    '9 1.000000000 +++ exited with 3 +++',
    '10 1.000000000 +++ killed by SIGKILL (core dumped) +++',
    '10 1.000000000 --- SIGTERM {si_signo=SIGTERM, si_code=SI_USER} ---',
    '7 1.000000000 recvfrom(4<TCP:[192.0.2.2:9000->192.0.2.1:40000]>, ',
  );
  expect(unreadable).toEqual([]);
  expect(lines.map(({ at: _, ...line }) => line)).toEqual([
    { kind: 'exit', pid: 9, code: 3 },
    { kind: 'exit', pid: 10, signal: 'SIGKILL' },
    { kind: 'call', pid: 7, name: 'recvfrom', args: ['4<TCP:[192.0.2.2:9000->192.0.2.1:40000]>'] },
  ]);
});

test('a thread that another ended on its way into a call has not made it', () => {
  const { lines, unreadable } = read(
    '71 1.000000000 exit_group(0 <unfinished ...>',
    '69 1.000000100 ???( <unfinished ...>',
    '71 1.000000200 <... exit_group resumed>) = ?',
    '69 1.000000300 <... ??? resumed>) = ?',
    '69 1.000000400 +++ exited with 0 +++',
    '',
  );
  expect(unreadable).toEqual([]);
  expect(lines.map((line) => (line.kind === 'call' ? line.name : line.pid))).toEqual(['exit_group', 69]);
});

test('what is no line of strace is given back', () => {
  const foreign = ['not a line', '7 1.000000000 nothing', '7 1.000000000 <... read resumed>) = 0 <0.000000001>'];
  expect(read(...foreign, '').unreadable).toEqual(foreign);
});

test('arguments are divided by their own commas', () => {
  expect(splitArguments('3</tmp/a,b>, [{iov_base="x,y", iov_len=3}, {iov_base="z", iov_len=1}], 2')).toEqual([
    '3</tmp/a,b>',
    '[{iov_base="x,y", iov_len=3}, {iov_base="z", iov_len=1}]',
    '2',
  ]);
});

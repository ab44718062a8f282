import { expect, test } from 'vitest';
import { isRead, isWrite } from '../../record/socket-calls.ts';
import { followProgram } from './follow-program.ts';

const pair = 'TCP:[192.0.2.2:9000->192.0.2.1:40000]';
const listener = 'TCP:[0.0.0.0:9000]';
const ends = { local: { address: '192.0.2.2', port: 9000 }, remote: { address: '192.0.2.1', port: 40000 } };

/** Lines of one program, a second apart; each without a pid is of its first process. */
const follow = (...lines: string[]) => {
  const text = lines
    .map((line, second) => {
      const [, pid = '10', rest = line] = /^(\d+) (.*)$/s.exec(line) ?? [];
      return `${pid} ${second}.000000000 ${rest}${rest.startsWith('+++') || rest.endsWith('...>') ? '' : ' <0.100000000>'}\n`;
    })
    .join('');
  const followed = followProgram({ host: 'server', process: 'app', pid: 10, text }, ({ seconds }) => seconds * 1e9);
  const held = followed.held.map(({ process, fd, from, until, how, ended, remote }) => ({
    who: `${process} ${fd}${remote ? '' : ' listens'}`,
    from: from / 1e9,
    ...(until !== undefined && { until: until / 1e9 }),
    how,
    ended,
  }));
  return { ...followed, held };
};

test('calls are told as those of processes that are driven', () => {
  const { records, unreadable } = follow(
    'socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3<TCP:[77]>',
    'setsockopt(3<TCP:[77]>, SOL_SOCKET, SO_LINGER, {l_onoff=1, l_linger=0}, 8) = 0',
    'connect(3<TCP:[77]>, {sa_family=AF_INET, sin_port=htons(9000), sin_addr=inet_addr("192.0.2.2")}, 16) = -1 EINPROGRESS (Operation now in progress)',
    'getsockopt(3<TCP:[192.0.2.1:40000->192.0.2.2:9000]>, SOL_SOCKET, SO_ERROR, [ECONNREFUSED], [4]) = 0',
    'sendto(3<TCP:[192.0.2.1:40000->192.0.2.2:9000]>, "a\\n\\"\\303", 4, MSG_NOSIGNAL, NULL, 0) = 4',
    'recvfrom(3<TCP:[192.0.2.1:40000->192.0.2.2:9000]>, 0x1, 10, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)',
    'recvfrom(3<TCP:[192.0.2.1:40000->192.0.2.2:9000]>, "", 10, 0, NULL, NULL) = 0',
    'read(5</etc/hosts>, "127", 3) = 3',
    'shutdown(3<TCP:[192.0.2.1:40000->192.0.2.2:9000]>, SHUT_WR) = 0',
  );
  expect(unreadable).toEqual([]);
  const calls = records.flatMap((record) => (record.type === 'call' ? [{ call: record.api, args: record.args }] : []));
  expect(calls).toEqual([
    { call: 'socket', args: ['AF_INET', 'SOCK_STREAM'] },
    { call: 'setsockopt', args: [3, 'SOL_SOCKET', 'SO_LINGER', { onoff: 1, linger: 0 }] },
    { call: 'connect', args: [3, { address: '192.0.2.2', port: 9000 }] },
    { call: 'getsockopt', args: [3, 'SOL_SOCKET', 'SO_ERROR'] },
    { call: 'send', args: [3, 'a\n"\u00c3'] },
    { call: 'recv', args: [3] },
    { call: 'shutdown', args: [3, 'SHUT_WR'] },
  ]);
  const returns = records.flatMap((record) => (record.type === 'return' ? [record] : []));
  expect(returns[2]).toMatchObject({ errno: 'EINPROGRESS' });
  expect(returns[3]).toMatchObject({ value: 'ECONNREFUSED' });
  expect(returns[4]).toMatchObject({ value: 4, remote: { address: '192.0.2.2', port: 9000 } });
  expect(returns[5]).toMatchObject({ value: { bytes: 0 } });
});

test('a socket that was bound to no address is known by what it connected to, whatever strace goes on showing', () => {
  const bound = 'TCP:[0.0.0.0:45000]';
  const { records, held } = follow(
    'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3<TCP:[77]>',
    'bind(3<TCP:[77]>, {sa_family=AF_INET, sin_port=htons(45000), sin_addr=inet_addr("0.0.0.0")}, 16) = 0',
    `connect(3<${bound}>, {sa_family=AF_INET, sin_port=htons(9000), sin_addr=inet_addr("192.0.2.2")}, 16) = 0`,
    `sendto(3<${bound}>, "abc", 3, 0, NULL, 0) = 3`,
    `close(3<${bound}>) = 0`,
  );
  const told = records.filter((record) => record.type === 'call' && record.api === 'send');
  expect(told).toMatchObject([{ target: 'fd 3' }]);
  expect(told[0]).not.toHaveProperty('local');
  expect(held).toMatchObject([{ who: 'app 3', from: 0.101, until: 4.101, ended: 'close' }]);
});

test('what a call was told is kept where it matters, and an address is no text', () => {
  const { records } = follow(
    `recvfrom(4<${pair}>, "good", 4, MSG_PEEK|MSG_DONTWAIT, NULL, NULL) = 4`,
    `sendto(4<${pair}>, "go", 2, MSG_NOSIGNAL, NULL, 0) = 2`,
    'sendto(5<TCP:[77]>, "fast", 4, MSG_FASTOPEN, {sa_family=AF_INET, sin_port=htons(9000), sin_addr=inet_addr("192.0.2.2")}, 16) = 4',
    `sendmsg(4<${pair}>, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="one", iov_len=3}, {iov_base="two", iov_len=3}], msg_iovlen=2, msg_controllen=0, msg_flags=0}, MSG_MORE) = 6`,
  );
  expect(records.flatMap((one) => (one.type === 'call' ? [[one.api, one.args]] : []))).toEqual([
    ['recv', [4, 'MSG_PEEK']],
    ['send', [4, 'go']],
    ['send', [5, 'fast', 'MSG_FASTOPEN']],
    ['sendmsg', [4, 'onetwo', 'MSG_MORE']],
  ]);
});

test('the end of a process lies between its last call and what strace said of it', () => {
  const { ends } = follow('read(5</etc/hosts>, "127", 3) = 3', '+++ exited with 0 +++');
  expect(ends).toEqual([{ process: 'app', from: 0, until: 1e9 }]);
});

test('dup2 and sendfile name both descriptors', () => {
  const { records } = follow(
    `accept4(3<${listener}>, NULL, NULL, 0) = 4<${pair}>`,
    `dup2(4<${pair}>, 50) = 50<${pair}>`,
    `sendfile(50<${pair}>, 6</tmp/file>, NULL, 3) = 3`,
  );
  expect(records.flatMap((one) => (one.type === 'call' ? [[one.api, one.args]] : []))).toEqual([
    ['accept', [3]],
    ['dup', [4, 50]],
    ['sendfile', [50, 6]],
  ]);
});

test('a call that is not over in the trace by the next line has returned by then', () => {
  const { records } = follow(`sendto(4<${pair}>, "abc", 3, 0, NULL, 0) = 3`, '11 read(5</etc/hosts>, "127", 3) = 3');
  expect(records[1]).toMatchObject({ type: 'return', t: 0.101e9, latest: 1e9 });
});

test('a socket is held from accept to close, and by a child for as long as that lives', () => {
  const { held, records } = follow(
    `accept4(3<${listener}>, NULL, NULL, 0) = 4<${pair}>`,
    'clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD) = 11',
    `close(4<${pair}>) = 0`,
    '11 +++ exited with 1 +++',
  );
  expect(held).toEqual([
    { who: 'app 4', from: 0.101, until: 2.101, how: 'accept', ended: 'close' },
    { who: 'app 3 listens', from: 0, how: 'unknown', ended: undefined },
    { who: 'app[11] 4', from: 1.101, until: 3, how: 'fork', ended: 'exit' },
    { who: 'app[11] 3 listens', from: 1.101, until: 3, how: 'fork', ended: 'exit' },
  ]);
  expect(records.filter(({ type }) => type === 'process')).toMatchObject([
    { process: 'app[11]', edge: 'start', pid: 11, traced: true },
    { process: 'app[11]', edge: 'exit', pid: 11, code: 1 },
  ]);
});

test('a thread has what its process has, and its end ends nothing', () => {
  const { held } = follow(
    'clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD}, 88) = 12',
    `12 accept4(3<${listener}>, NULL, NULL, 0) = 4<${pair}>`,
    '12 +++ exited with 0 +++',
    `close(4<${pair}>) = 0`,
  );
  expect(held.map(({ who, until, ended }) => [who, until, ended])).toEqual([
    ['app 4', 3.101, 'close'],
    ['app 3 listens', undefined, undefined],
  ]);
});

test('a listen on a socket that was passed on says so', () => {
  const { records } = follow(
    `listen(3<${listener}>, 511) = 0`,
    'clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD) = 11',
    `close(3<${listener}>) = 0`,
    `11 listen(3<${listener}>, 511) = 0`,
  );
  const listens = records.flatMap((one) => (one.type === 'call' && one.api === 'listen' ? [one.inherited] : []));
  expect(listens).toEqual([undefined, true]);
});

test('another program keeps what is not closed upon its execution', () => {
  const { held } = follow(
    `accept4(3<${listener}>, NULL, NULL, SOCK_CLOEXEC) = 4<${pair}>`,
    `dup(4<${pair}>) = 5<${pair}>`,
    'execve("/bin/cat", ["cat", "-n"], 0x1 /* 3 vars */) = 0',
  );
  expect(held.map(({ who, ended }) => [who, ended])).toEqual([
    ['app 4', 'exec'],
    ['app 3 listens', undefined],
    ['app 5', undefined],
  ]);
});

test('where a socket leads is shown by any call on it, be it none that is told', () => {
  const followed = follow(
    'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3<TCP:[77]>',
    'connect(3<TCP:[77]>, {sa_family=AF_INET, sin_port=htons(9000), sin_addr=inet_addr("192.0.2.2")}, 16) = 0',
    'getsockname(3<TCP:[192.0.2.1:40000->192.0.2.2:9000]>, {sa_family=AF_INET, sin_port=htons(40000), sin_addr=inet_addr("192.0.2.1")}, [28 => 16]) = 0',
    '+++ exited with 0 +++',
  );
  expect(followed.held).toEqual([{ who: 'app 3', from: 0.101, until: 3, how: 'socket', ended: 'exit' }]);
  expect(followed.records.flatMap((one) => (one.type === 'call' ? [one.api] : []))).toEqual(['socket', 'connect']);
});

test('a descriptor that was passed on is followed', () => {
  const { held } = follow(
    `recvmsg(7<UNIX:[1->2]>, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[9<${pair}>]}], msg_controllen=24, msg_flags=0}, 0) = 1`,
  );
  expect(held).toEqual([{ who: 'app 9', from: 0.101, how: 'received', ended: undefined }]);
  expect(follow(`close(4<${pair}>) = 0`).held[0]).toMatchObject({ who: 'app 4', how: 'unknown' });
  expect(follow(`close(4<${pair}>) = 0`).records[0]).toMatchObject({ target: 'fd 4', ...ends });
});

test('one that was bound to an address of its host keeps that, and has the peer it connected to', () => {
  const bound = 'TCP:[192.0.2.1:45000]';
  const { records } = follow(
    'socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 3<TCP:[77]>',
    'bind(3<TCP:[77]>, {sa_family=AF_INET, sin_port=htons(45000), sin_addr=inet_addr("192.0.2.1")}, 16) = 0',
    `connect(3<${bound}>, {sa_family=AF_INET, sin_port=htons(9000), sin_addr=inet_addr("192.0.2.2")}, 16) = 0`,
    `sendto(3<${bound}>, "abc", 3, 0, NULL, 0) = 3`,
  );
  const ends = { local: { address: '192.0.2.1', port: 45000 }, remote: { address: '192.0.2.2', port: 9000 } };
  expect(records.find((record) => record.type === 'call' && record.api === 'send')).toMatchObject(ends);
});

const accepted = '<TCP:[192.0.2.2:9000->192.0.2.1:40000]>';
const accepting = (flags = '0', fd = 4) => `accept4(3<TCP:[0.0.0.0:9000]>, NULL, NULL, ${flags}) = ${fd}${accepted}`;
const closes = (...lines: string[]) =>
  follow(...lines).records.flatMap((record) => (record.type === 'call' && record.api === 'close' ? [record.args] : []));

test('what is closed by another call than close() is closed', () => {
  expect(closes(accepting(), 'dup2(1<pipe:[5]>, 4) = 4<pipe:[5]>')).toEqual([[4, { 'by dup2()': true }]]);
  expect(closes(accepting(), `dup2(4${accepted}, 4) = 4${accepted}`)).toEqual([]);
  expect(closes(accepting(), accepting('0', 5), 'close_range(4, 4294967295, 0) = 0')).toEqual([
    [4, { 'by close_range()': true }],
    [5, { 'by close_range()': true }],
  ]);
  const exec = 'execve("/bin/sleep", ["sleep", "1"], 0x7f /* 9 vars */) = 0';
  expect(closes(accepting('SOCK_CLOEXEC'), accepting('0', 5), exec)).toEqual([[4, { 'by execve()': true }]]);
  expect(closes(accepting(), 'close_range(4, 4294967295, CLOSE_RANGE_CLOEXEC) = 0', exec)).toEqual([
    [4, { 'by execve()': true }],
  ]);
});

test('splice() takes from a socket or gives to it; of a read that never returned there is the call', () => {
  const { records } = follow(
    accepting(),
    `splice(4${accepted}, NULL, 8<pipe:[5]>, NULL, 65536, 0) = 6`,
    `splice(7<pipe:[5]>, NULL, 4${accepted}, NULL, 65536, 0) = 5`,
    `recvfrom(4${accepted}, <unfinished ...>`,
  );
  const calls = records.filter((record) => record.type === 'call').slice(1);
  expect(calls.map((call) => [call.api, call.args, isRead(call), isWrite(call)])).toEqual([
    ['splice', [4, 8], true, false],
    ['splice', [7, 4], false, true],
    ['recv', [4], true, false],
  ]);
  expect(records.filter((record) => record.type === 'return').map(({ value }) => value)).toEqual([4, { bytes: 6 }, 5]);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCollector, type TestCollector, type TestProcess } from './test-collector.ts';

let lab: TestCollector;
let server: TestProcess;
let client: TestProcess;
beforeAll(async () => {
  lab = await startCollector();
  [server, client] = await Promise.all([lab.start('raw', 'server'), lab.start('raw', 'client')]);
});
afterAll(() => lab.close());

const local = '127.0.0.1';
const listen = async (backlog = 5) => {
  const { value: listener } = await server.raw('socket');
  const { local: at } = await server.raw('bind', listener, 0, local);
  await server.raw('listen', listener, backlog);
  return { listener, port: at?.port as number };
};
const pair = async () => {
  const { listener, port } = await listen();
  const { value: near } = await client.raw('socket');
  const accepting = server.raw('accept', listener);
  await client.raw('connect', near, port, local);
  const { value: far } = await accepting;
  return { near, far, listener, port };
};

describe('the socket calls', () => {
  test('make a connection, use it and close it', async () => {
    const { near, far, listener, port } = await pair();
    expect(await client.raw('send', near, 'hello')).toMatchObject({ value: 5 });
    expect(await server.raw('recv', far, 100, ['MSG_PEEK'])).toMatchObject({ value: 5, bytes: 5, text: 'hello' });
    expect(await server.raw('recv', far, 2)).toMatchObject({ value: 2, text: 'he' });
    expect(await server.raw('read', far, 100)).toMatchObject({ value: 3, text: 'llo' });
    expect(await server.raw('write', far, { bytes: 30 })).toMatchObject({ value: 30 });
    expect(await client.raw('recv', near, 10, 'MSG_WAITALL|MSG_NOSIGNAL')).toMatchObject({
      value: 10,
      text: 'abcdefghij',
    });
    expect(await client.raw('shutdown', near, 'SHUT_WR')).toMatchObject({ value: 0 });
    expect(await server.raw('recv', far, 100)).toMatchObject({ value: 0, bytes: 0 });
    expect((await client.raw('getpeername', near)).remote).toEqual({ address: local, port });
    for (const fd of [far, listener]) expect(await server.raw('close', fd)).toMatchObject({ value: 0 });
    expect(await client.raw('close', near)).toMatchObject({ value: 0 });
    expect(await client.raw('close', near)).toMatchObject({ value: -1, errno: 'EBADF' });
  });

  test('are recorded with descriptor, addresses, and what they returned', async () => {
    const { near, far, port } = await pair();
    const connect = client.calls('connect').at(-1);
    expect(connect).toMatchObject({ via: 'raw', by: 'script', target: `fd ${near}`, args: [near, port, local] });
    const connected = await lab.returnOf(connect as never);
    expect(connected).toMatchObject({ value: 0, remote: { address: local, port } });
    const accepted = await lab.returnOf(server.calls('accept').at(-1) as never);
    expect(accepted).toMatchObject({ value: far, local: { address: local, port }, remote: connected.local });
    await client.raw('send', near, 'x');
    expect(client.calls('send').at(-1)).toMatchObject({
      target: `fd ${near}`,
      local: connected.local,
      remote: { address: local, port },
    });
    await server.raw('recv', far, 10);
    expect(await lab.returnOf(server.calls('recv').at(-1) as never)).toMatchObject({ value: { bytes: 1, text: 'x' } });
  });

  test('that fail return -1 and the name of the errno', async () => {
    const { value: fd } = await client.raw('socket');
    expect(await client.raw('connect', fd, 1, local)).toMatchObject({ value: -1, errno: 'ECONNREFUSED' });
    expect(await lab.returnOf(client.calls('connect').at(-1) as never)).toMatchObject({
      value: -1,
      errno: 'ECONNREFUSED',
      remote: { address: local, port: 1 },
    });
    expect(await client.raw('send', fd, 'x', ['MSG_NOSIGNAL'])).toMatchObject({ value: -1, errno: 'EPIPE' });
    expect(await client.raw('listen', 999, 1)).toMatchObject({ value: -1, errno: 'EBADF' });
    const { port } = await listen();
    const { value: other } = await server.raw('socket');
    expect(await server.raw('bind', other, port, local)).toMatchObject({ value: -1, errno: 'EADDRINUSE' });
  });

  test('given a name that does not exist are refused, which is no errno of the kernel', async () => {
    const { value: fd } = await client.raw('socket');
    await expect(client.raw('shutdown', fd, 'SHUT_UP')).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(client.raw('teleport', fd)).rejects.toMatchObject({ code: 'ENOSYS' });
  });

  test('do not end the process by SIGPIPE unless that is asked for', async () => {
    const writer = await lab.start('raw', 'writer');
    const { value: fd } = await writer.raw('socket');
    expect(await writer.raw('write', fd, 'x')).toMatchObject({ value: -1, errno: 'EPIPE' });
    await writer.raw('signal', 'SIGPIPE', 'SIG_DFL');
    writer.raw('write', fd, 'x').catch(() => {});
    expect(await lab.agent({ do: 'wait', name: 'writer' })).toEqual({ code: null, signal: 'SIGPIPE' });
  });
});

describe('a call that blocks', () => {
  test('does not block the process’s control, even thirty of them', async () => {
    const { listener, port } = await listen(50);
    const accepting = Array.from({ length: 30 }, () => server.raw('accept', listener));
    await server.ping();
    expect(await server.raw('getsockopt', listener, 'SOL_SOCKET', 'SO_ACCEPTCONN')).toMatchObject({
      value: 0,
      option: 1,
    });
    const fds = await Promise.all(accepting.map(() => client.raw('socket')));
    await Promise.all(fds.map(({ value }) => client.raw('connect', value, port, local)));
    const accepted = await Promise.all(accepting);
    expect(new Set(accepted.map(({ value }) => value)).size).toBe(30);
    await Promise.all([
      ...fds.map(({ value }) => client.raw('close', value)),
      ...accepted.map(({ value }) => server.raw('close', value)),
    ]);
  });

  test('has returned before ping is answered, when what it waited for has arrived', async () => {
    const { near, far } = await pair();
    const receiving = server.raw('recv', far, 10);
    await client.raw('send', near, 'news');
    await server.ping();
    expect(await lab.returnOf(server.calls('recv').at(-1) as never)).toMatchObject({ value: { bytes: 4 } });
    await receiving;
  });

  test('does not block when the descriptor is non-blocking', async () => {
    const { near, listener } = await pair();
    expect(await client.raw('nonblock', near, true)).toMatchObject({ value: 0 });
    expect(await client.raw('recv', near, 10)).toMatchObject({ value: -1, errno: 'EAGAIN' });
    await client.raw('nonblock', near, false);
    expect(await client.raw('recv', near, 10, ['MSG_DONTWAIT'])).toMatchObject({ errno: 'EAGAIN' });
    await server.raw('nonblock', listener, true);
    expect(await server.raw('accept', listener)).toMatchObject({ errno: 'EAGAIN' });
    expect(await client.raw('poll', near, 'POLLOUT', 0)).toMatchObject({ value: 1, revents: ['POLLOUT'] });
    expect(await client.raw('poll', near, 'POLLIN', 1)).toMatchObject({ value: 0, revents: [] });
  });
});

test('socket options are set and read by name', async () => {
  const { value: fd } = await client.raw('socket');
  const option = async (level: string, name: string) => (await client.raw('getsockopt', fd, level, name)).option;
  await client.raw('setsockopt', fd, 'IPPROTO_TCP', 'TCP_SYNCNT', 3);
  await client.raw('setsockopt', fd, 'SOL_SOCKET', 'SO_LINGER', { on: true, seconds: 0 });
  await client.raw('setsockopt', fd, 'SOL_SOCKET', 'SO_RCVTIMEO', 0.25);
  await client.raw('setsockopt', fd, 'SOL_SOCKET', 'SO_RCVBUF', 4096);
  expect(await option('IPPROTO_TCP', 'TCP_SYNCNT')).toBe(3);
  expect(await option('SOL_SOCKET', 'SO_LINGER')).toEqual({ on: true, seconds: 0 });
  expect(await option('SOL_SOCKET', 'SO_RCVTIMEO')).toBeCloseTo(0.25, 1);
  expect(await option('SOL_SOCKET', 'SO_RCVBUF')).toBe(8192);
  expect(await client.raw('setsockopt', fd, 'IPPROTO_TCP', 'TCP_CONGESTION', 'nonsense')).toMatchObject({
    value: -1,
    errno: 'ENOENT',
  });
});

describe('a descriptor', () => {
  test('shared with a child or copied by dup() holds the connection open until the last is closed', async () => {
    const { near, far } = await pair();
    const arrived = lab.processOf('heir');
    await client.raw('share', { descriptor: near, name: 'heir' });
    const heir = await arrived;
    expect(heir.hello.inherited).toBe(3);
    const { value: copy } = await client.raw('dup', near);
    await client.raw('close', near);
    await client.raw('close', copy);
    expect(await server.raw('recv', far, 10, ['MSG_DONTWAIT'])).toMatchObject({ errno: 'EAGAIN' });
    await heir.raw('send', 3, 'still here');
    expect(await server.raw('recv', far, 100)).toMatchObject({ text: 'still here' });
    await heir.raw('close', 3);
    expect(await server.raw('recv', far, 10)).toMatchObject({ value: 0 });
  });

  test('is refused with EMFILE beyond the limit', async () => {
    const narrow = await lab.start('raw', 'narrow', { limits: { nofile: 28 } });
    const made = [];
    for (let i = 0; i < 10; i++) made.push(await narrow.raw('socket'));
    expect(made.some(({ value }) => value > 0)).toBe(true);
    expect(made.at(-1)).toMatchObject({ value: -1, errno: 'EMFILE' });
  });
});

describe('the end', () => {
  test('by exit(code) does not wait for a call that blocks', async () => {
    const leaver = await lab.start('raw', 'leaver');
    const { value: fd } = await leaver.raw('socket');
    await leaver.raw('listen', fd, 1);
    leaver.raw('accept', fd).catch(() => {});
    leaver.raw('exit', 4).catch(() => {});
    expect(await lab.agent({ do: 'wait', name: 'leaver' })).toEqual({ code: 4, signal: null });
  });

  test('by abort(3)', async () => {
    const crasher = await lab.start('raw', 'crasher');
    crasher.raw('crash').catch(() => {});
    expect(await lab.agent({ do: 'wait', name: 'crasher' })).toEqual({ code: null, signal: 'SIGABRT' });
  });
});

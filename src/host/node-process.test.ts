import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCollector, type TestCollector, type TestProcess } from './test-collector.ts';

let lab: TestCollector;
let server: TestProcess;
let client: TestProcess;
beforeAll(async () => {
  lab = await startCollector();
  [server, client] = await Promise.all([lab.start('node', 'server'), lab.start('node', 'client')]);
});
afterAll(() => lab.close());

const listen = async (options: object = {}, by = server) => {
  const { target, value, local } = await by.call('listen', undefined, { port: 0, address: '127.0.0.1', ...options });
  return { target: target as string, value, port: local?.port ?? (value as { port: number }).port };
};
/** A connection between two processes, with the names of its two sockets. */
const pair = async (options: { server?: object; client?: object; react?: object } = {}) => {
  const listener = await listen(options.server);
  if (options.react) await server.call('react', listener.target, options.react);
  const { target } = await client.call('connect', undefined, {
    host: '127.0.0.1',
    port: listener.port,
    ...options.client,
  });
  await client.event(target as string, 'connect');
  const { detail } = await server.event(listener.target, 'connection');
  return { near: target as string, far: detail?.socket as string, listener: listener.target, port: listener.port };
};
const about = (process: TestProcess, target: string) =>
  lab.records.flatMap((record) => {
    if (record.type === 'emit' && record.process === process.name && record.target === target)
      return [`'${record.name}'`];
    if (record.type === 'call' && record.process === process.name && record.target === target)
      return [`${record.by}:${record.api}`];
    return [];
  });

describe('a connection', () => {
  test('is recorded from both ends: calls, events, what Node does by itself, addresses', async () => {
    const { near, far, port } = await pair();
    await client.call('write', near, 'hello');
    await client.call('end', near);
    await Promise.all([client.event(near, 'close'), server.event(far, 'close')]);
    expect(about(client, near)).toEqual([
      "'connect'",
      'node:readStart',
      'script:write',
      'script:end',
      'node:shutdown',
      "'end'",
      'node:close',
      "'close'",
    ]);
    expect(about(server, far)).toEqual(['node:readStart', "'data'", "'end'", 'node:shutdown', 'node:close', "'close'"]);

    const data = await server.event(far, 'data');
    const write = client.calls('write').at(-1);
    expect(data).toMatchObject({ bytes: 5, text: 'hello', local: write?.remote, remote: write?.local });
    expect(write?.remote).toEqual({ address: '127.0.0.1', port });
    const connect = client.calls('connect').at(-1);
    expect((await lab.returnOf(connect as never)).local).toEqual(write?.local);
    expect((await server.event(far, 'close')).detail).toEqual({ hadError: false });
    // Addresses outlive the handle.
    expect((await client.event(near, 'close')).remote).toEqual({ address: '127.0.0.1', port });
  });

  test('records a call before and its return after, under the id, step and line it was given', async () => {
    const { near } = await pair();
    const source = { file: 'experiments/x.ts', line: 12 };
    await client.channel.request({
      do: 'call',
      call: 'client:41',
      step: 41,
      api: 'write',
      target: near,
      args: ['x'],
      source,
    });
    const call = lab.records.findIndex((record) => record.type === 'call' && record.call === 'client:41');
    const back = lab.records.findIndex((record) => record.type === 'return' && record.call === 'client:41');
    expect(lab.records[call]).toMatchObject({ step: 41, source, via: 'node', by: 'script' });
    expect(lab.records[back]).toMatchObject({ value: true });
    expect(back).toBeGreaterThan(call);
    expect(lab.records[back]?.t).toBeGreaterThanOrEqual(lab.records[call]?.t as number);
  });

  test('with allowHalfOpen goes on in the other direction after the end', async () => {
    const { near, far } = await pair({ server: { allowHalfOpen: true }, client: { allowHalfOpen: true } });
    await client.call('end', near);
    await server.event(far, 'end');
    await server.call('write', far, 'late');
    expect(await client.event(near, 'data')).toMatchObject({ text: 'late' });
    await server.call('end', far, { bytes: 3 });
    await client.event(near, 'close');
  });

  test('is reset by resetAndDestroy(), which the far end hears as ECONNRESET', async () => {
    const { near, far } = await pair();
    await client.call('resetAndDestroy', near);
    expect(await server.event(far, 'error')).toMatchObject({ code: 'ECONNRESET' });
    expect((await server.event(far, 'close')).detail).toEqual({ hadError: true });
    expect(about(client, near)).toContain('node:reset');
  });

  test('paused on connect leaves the bytes unread until resumed', async () => {
    const { near, far } = await pair({ server: { pauseOnConnect: true } });
    await client.call('write', near, 'waiting');
    await server.ping();
    expect(about(server, far)).not.toContain("'data'");
    await server.call('resume', far);
    expect(await server.event(far, 'data')).toMatchObject({ bytes: 7 });
  });

  test('that nobody reads fills up, and drains later', async () => {
    const { near, far } = await pair({ server: { pauseOnConnect: true } });
    const { value } = await client.call('write', near, { bytes: 8_000_000 });
    expect(value).toBe(false);
    await server.call('resume', far);
    await client.event(near, 'drain');
    expect((await client.call('bytesWritten', near)).value).toBe(8_000_000);
  });

  test('times out where asked to', async () => {
    const { near } = await pair();
    await client.call('setTimeout', near, 10);
    await client.event(near, 'timeout');
  });

  test('written to after destroy() reports to the write’s callback only', async () => {
    const { near } = await pair();
    await client.call('destroy', near);
    await client.call('write', near, 'too late');
    expect(await client.event(near, 'writeError')).toMatchObject({ code: 'ERR_STREAM_DESTROYED' });
  });
});

describe('connecting', () => {
  test('to nobody emits ECONNREFUSED', async () => {
    const { target, remote } = await client.call('connect', undefined, { host: '127.0.0.1', port: 1 });
    expect(await client.event(target as string, 'error')).toMatchObject({ code: 'ECONNREFUSED', remote });
    expect(remote).toEqual({ address: '127.0.0.1', port: 1 });
  });

  test('can be aborted', async () => {
    const { port } = await listen();
    const { target } = await client.call('connect', undefined, {
      host: '127.0.0.1',
      port,
      signal: { abortAfterMs: 0 },
    });
    expect(await client.event(target as string, 'error')).toMatchObject({ code: 'ABORT_ERR' });
  });

  test('from a given port uses it', async () => {
    const free = await listen();
    await server.call('close', free.target);
    const { target } = await client.call('connect', undefined, {
      host: '127.0.0.1',
      port: (await listen()).port,
      localPort: free.port,
    });
    expect((await client.event(target as string, 'connect')).local?.port).toBe(free.port);
  });

  test('with arguments Node rejects is refused with Node’s code', async () => {
    await expect(client.call('connect', undefined, { host: '127.0.0.1', port: 70000 })).rejects.toMatchObject({
      code: 'ERR_SOCKET_BAD_PORT',
    });
    expect(await lab.until('return', ({ errno }) => errno === 'ERR_SOCKET_BAD_PORT')).toBeDefined();
  });
});

describe('a server', () => {
  test('on a port in use emits EADDRINUSE, which is no refusal', async () => {
    const { port } = await listen();
    const second = await listen({ port });
    expect(second.value).toEqual({ listening: false, code: 'EADDRINUSE' });
    expect(await server.event(second.target, 'error')).toMatchObject({ code: 'EADDRINUSE' });
  });

  test('can be bound first, refuse connections, and listen later', async () => {
    const { target, local } = await server.call('bind', undefined, { address: '127.0.0.1' });
    const address = { host: '127.0.0.1', port: local?.port };
    const early = await client.call('connect', undefined, address);
    expect(await client.event(early.target as string, 'error')).toMatchObject({ code: 'ECONNREFUSED' });
    const { target: listener } = await server.call('listenOn', target, { backlog: 5 });
    const late = await client.call('connect', undefined, address);
    await client.event(late.target as string, 'connect');
    await server.event(listener as string, 'connection');
    await expect(server.call('bind', undefined, { address: '127.0.0.1', port: local?.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  test('counts its connections, drops those beyond its maximum, and closes', async () => {
    const { listener, near, port } = await pair();
    expect((await server.call('getConnections', listener)).value).toBe(1);
    expect((await server.call('address', listener)).value).toMatchObject({ port });
    await server.call('maxConnections', listener, 1);
    const { target } = await client.call('connect', undefined, { host: '127.0.0.1', port });
    await server.event(listener, 'drop');
    await client.event(target as string, 'close');
    await server.call('close', listener);
    await client.call('destroy', near);
    await server.event(listener, 'close');
    expect(about(server, listener)).toEqual(expect.arrayContaining(['script:close', 'node:close', "'close'"]));
  });

  test('out of descriptors closes what it accepts, without an error', async () => {
    const narrow = await lab.start('node', 'narrow', { limits: { nofile: 26 } });
    const { port, target } = await listen({}, narrow);
    const { length } = await Promise.all(
      Array.from({ length: 6 }, () => client.call('connect', undefined, { host: '127.0.0.1', port })),
    );
    const own = () =>
      lab.records.filter(
        (record) => record.type === 'emit' && record.process === 'narrow' && record.name === 'connection',
      ).length;
    const ended = () =>
      lab.records.filter((record) => record.type === 'emit' && record.name === 'end' && record.remote?.port === port)
        .length;
    await expect.poll(() => own() + ended(), { interval: 5 }).toBe(length);
    expect(own()).toBeGreaterThan(0);
    expect(ended()).toBeGreaterThan(0);
    expect(about(narrow, target)).not.toContain("'error'");
  });
});

describe('socket options', () => {
  test('show what setKeepAlive() and setNoDelay() really set', async () => {
    const { near } = await pair();
    const option = async (level: string, name: string) => (await client.call('getsockopt', near, level, name)).value;
    expect(await option('SOL_SOCKET', 'SO_KEEPALIVE')).toBe(0);
    await client.call('setKeepAlive', near, true, 7000);
    await client.call('setNoDelay', near);
    expect(await option('SOL_SOCKET', 'SO_KEEPALIVE')).toBe(1);
    expect(await option('IPPROTO_TCP', 'TCP_KEEPIDLE')).toBe(7);
    expect(await option('IPPROTO_TCP', 'TCP_NODELAY')).toBe(1);
    expect(await option('IPPROTO_TCP', 'TCP_CONGESTION')).toMatch(/^[a-z]+$/);
    expect(await option('IPPROTO_TCP', 'TCP_INFO')).toMatch(/^01[0-9a-f]{200,}$/);
  });

  test('can be set by name', async () => {
    const { near } = await pair();
    await client.call('setsockopt', near, 'IPPROTO_TCP', 'TCP_USER_TIMEOUT', 1234);
    await client.call('setsockopt', near, 'SOL_SOCKET', 'SO_LINGER', { on: true, seconds: 3 });
    expect((await client.call('getsockopt', near, 'IPPROTO_TCP', 'TCP_USER_TIMEOUT')).value).toBe(1234);
    expect((await client.call('getsockopt', near, 'SOL_SOCKET', 'SO_LINGER')).value).toEqual({ on: true, seconds: 3 });
    await expect(client.call('getsockopt', near, 'IPPROTO_TCP', 'TCP_NONSENSE')).rejects.toMatchObject({
      code: 'ENOPROTOOPT',
    });
    await client.call('destroy', near);
    await expect(client.call('getsockopt', near, 'IPPROTO_TCP', 'TCP_INFO')).rejects.toMatchObject({ code: 'EBADF' });
  });
});

describe('a reaction', () => {
  test('ends an accepted connection without being asked again', async () => {
    const { near, far } = await pair({ react: { on: 'connection', do: 'end', args: ['bye'] } });
    expect(await client.event(near, 'data')).toMatchObject({ text: 'bye' });
    await server.event(far, 'close');
    expect(about(server, far)).toContain('script:end');
  });

  test('echoes, so many times', async () => {
    const { near } = await pair({ react: { on: 'data', do: 'echo', times: 1 } });
    await client.call('write', near, 'once');
    expect(await client.event(near, 'data')).toMatchObject({ text: 'once' });
    await client.call('write', near, 'twice');
    await server.ping();
    await client.ping();
    expect(about(client, near).filter((name) => name === "'data'")).toHaveLength(1);
  });

  test('may come later', async () => {
    const { near, far } = await pair({
      react: { on: 'end', do: 'destroy', afterMs: 20 },
      server: { allowHalfOpen: true },
    });
    await client.call('end', near);
    const end = await server.event(far, 'end');
    await server.event(far, 'close');
    const destroy = server.calls('destroy').find(({ target }) => target === far);
    expect(destroy?.t).toBeGreaterThanOrEqual(end.t + 19e6);
  });

  test('to a call that does not exist is recorded and harms nobody', async () => {
    const { far } = await pair({ react: { on: 'connection', do: 'explode' } });
    const { call } = await lab.until('call', ({ api, target }) => api === 'explode' && target === far);
    await lab.until('return', (record) => record.call === call && record.errno === 'ENOSYS');
  });
});

describe('a shared descriptor', () => {
  test('keeps the connection open when the first of two processes destroys its socket', async () => {
    const { near, far } = await pair();
    const child = lab.processOf('child');
    const { value } = await client.call('share', undefined, { target: near, name: 'child' });
    const { hello, call, pid } = await child;
    expect(hello).toMatchObject({ inherited: 'socket-1', pid: (value as { pid: number }).pid });
    await client.call('destroy', near);
    await client.event(near, 'close');
    await server.ping();
    expect(about(server, far)).not.toContain("'end'");
    await call('write', 'socket-1', 'from the child');
    expect(await server.event(far, 'data')).toMatchObject({ text: 'from the child' });

    await lab.agent({ do: 'adopt', name: 'child', pid });
    await lab.agent({ do: 'signal', name: 'child', signal: 'SIGKILL' });
    await lab.agent({ do: 'wait', name: 'child' });
    await server.event(far, 'end');
    expect(await lab.until('process', (record) => record.process === 'child' && record.edge === 'exit')).toMatchObject({
      signal: 'SIGKILL',
    });
  });

  test('is shut down for both by end(), which is no close()', async () => {
    const { near, far } = await pair({ client: { allowHalfOpen: true }, server: { allowHalfOpen: true } });
    const child = lab.processOf('second');
    await client.call('share', near, { name: 'second' });
    await child;
    await client.call('end', near);
    await server.event(far, 'end');
  });

  test('can be a listening server', async () => {
    const { target, port } = await listen();
    const arrived = lab.processOf('worker');
    await server.call('share', target, { name: 'worker' });
    const worker = await arrived;
    expect(worker.hello.inherited).toBe('server-1');
    await server.call('close', target);
    await client.call('connect', undefined, { host: '127.0.0.1', port });
    await worker.event('server-1', 'connection');
  });
});

describe('the end', () => {
  test('of a process by exit(code), without a close by Node', async () => {
    const leaver = await lab.start('node', 'leaver');
    const { port } = await listen();
    const { target } = await leaver.call('connect', undefined, { host: '127.0.0.1', port });
    await leaver.event(target as string, 'connect');
    await leaver.call('exit', undefined, 5);
    expect(await lab.agent({ do: 'wait', name: 'leaver' })).toEqual({ code: 5, signal: null });
    expect(about(leaver, target as string)).not.toContain('node:close');
  });

  test('of a process by an uncaught exception', async () => {
    const crasher = await lab.start('node', 'crasher');
    crasher.channel.notify({ do: 'call', api: 'crash' });
    expect(await lab.agent({ do: 'wait', name: 'crasher' })).toEqual({ code: 1, signal: null });
    await lab.until(
      'output',
      ({ process, text }) => process === 'crasher' && text.includes('asked this process to crash'),
    );
    expect(crasher.calls('crash')).toHaveLength(1);
  });
});

test('an answer to ping means that all that had arrived is on record', async () => {
  const { near, far } = await pair();
  await client.call('end', near, 'last words');
  // The FIN leaves when the client's loop comes round.
  await client.ping();
  await server.ping();
  expect(about(server, far)).toEqual(['node:readStart', "'data'", "'end'", 'node:shutdown', 'node:close', "'close'"]);
});

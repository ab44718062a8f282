import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCollector, type TestCollector } from './test-collector.ts';

let lab: TestCollector;
beforeAll(async () => {
  lab = await startCollector();
});
afterAll(() => lab.close());

const outputOf = (name: string) =>
  lab.records.flatMap((record) => (record.type === 'output' && record.process === name ? [record.text] : []));

describe('a command', () => {
  test('has its start, its output line by line and its end recorded', async () => {
    const { pid } = await lab.agent({
      do: 'spawn',
      kind: 'command',
      name: 'lines',
      command: 'sh',
      args: ['-c', 'echo one; printf two; exit 3'],
    });
    expect(await lab.agent({ do: 'wait', name: 'lines' })).toEqual({ code: 3, signal: null });
    expect(outputOf('lines').join('')).toBe('one\ntwo');
    expect(outputOf('lines')[0]).toBe('one\n');
    const [start, exit] = lab.records.filter((record) => record.type === 'process' && record.process === 'lines');
    expect(start).toMatchObject({ edge: 'start', pid, command: 'sh -c echo one; printf two; exit 3' });
    expect(exit).toMatchObject({ edge: 'exit', pid, code: 3, signal: null });
    expect(exit?.t).toBeGreaterThan(start?.t as number);
  });

  test('shows a prompt at once, reads what it is given, and the end of its input', async () => {
    await lab.agent({
      do: 'spawn',
      kind: 'command',
      name: 'prompt',
      command: 'sh',
      args: ['-c', 'printf "name? "; read name; echo "hello $name"; cat'],
    });
    await lab.until('output', ({ process, text }) => process === 'prompt' && text === 'name? ');
    await lab.agent({ do: 'input', name: 'prompt', text: 'Ada\n' });
    await lab.until('output', ({ process, text }) => process === 'prompt' && text === 'hello Ada\n');
    await lab.agent({ do: 'endInput', name: 'prompt' });
    expect(await lab.agent({ do: 'wait', name: 'prompt' })).toEqual({ code: 0, signal: null });
    await expect(lab.agent({ do: 'input', name: 'prompt', text: 'more' })).rejects.toMatchObject({ code: 'EPIPE' });
    expect(lab.records.filter((record) => record.type === 'call' && record.process === 'prompt')).toMatchObject([
      { api: 'input', args: ['Ada\n'], via: 'process' },
      { api: 'endInput', args: [] },
      { api: 'input', args: ['more'] },
    ]);
  });

  test('that does not exist is refused with ENOENT', async () => {
    await expect(
      lab.agent({ do: 'spawn', kind: 'command', name: 'none', command: 'no-such-program' }),
    ).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('cannot take the name of one that runs, and can once it has ended', async () => {
    const sleeper = { do: 'spawn', kind: 'command', name: 'twice', command: 'sleep', args: ['60'] };
    await lab.agent(sleeper);
    await expect(lab.agent(sleeper)).rejects.toMatchObject({ code: 'EEXIST' });
    await lab.agent({ do: 'signal', name: 'twice', signal: 'SIGTERM' });
    expect(await lab.agent({ do: 'wait', name: 'twice' })).toEqual({ code: null, signal: 'SIGTERM' });
    await lab.agent(sleeper);
    await lab.agent({ do: 'signal', name: 'twice', signal: 'SIGKILL' });
    expect(await lab.agent({ do: 'wait', name: 'twice' })).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('gets the environment, the folder and the limit it was promised, and nothing of the lab', async () => {
    await lab.agent({
      do: 'spawn',
      kind: 'command',
      name: 'place',
      command: 'sh',
      args: ['-c', 'pwd; ulimit -n; echo $COLOUR; env | grep -c -e FINWAIT -e NODE_COMPILE_CACHE'],
      env: { COLOUR: 'blue' },
      cwd: '/usr',
      limits: { nofile: 77 },
    });
    await lab.agent({ do: 'wait', name: 'place' });
    expect(outputOf('place').join('')).toBe('/usr\n77\nblue\n0\n');
  });
});

describe('a signal', () => {
  test('freezes every thread of a process before it is answered, and thaws it', async () => {
    const server = await lab.start('node', 'frozen');
    const client = await lab.start('node', 'waiting');
    const { value } = await server.call('listen', undefined, { port: 0, address: '127.0.0.1' });
    await lab.agent({ do: 'signal', name: 'frozen', signal: 'SIGSTOP', call: 'frozen:7', step: 7 });
    const states = readdirSync(`/proc/${server.pid}/task`).map(
      (thread) => readFileSync(`/proc/${server.pid}/task/${thread}/stat`, 'utf8').split(') ')[1]?.[0],
    );
    expect(new Set(states)).toEqual(new Set(['T']));

    await client.call('connect', undefined, { host: '127.0.0.1', port: (value as { port: number }).port });
    await client.event('socket-1', 'connect');
    await client.ping();
    expect(
      lab.records.some(
        (record) => record.type === 'emit' && record.process === 'frozen' && record.name === 'connection',
      ),
    ).toBe(false);

    await lab.agent({ do: 'signal', name: 'frozen', signal: 'SIGCONT' });
    await server.event('server-1', 'connection');
    const [freeze] = server.calls('freeze');
    expect(freeze).toMatchObject({ call: 'frozen:7', step: 7, via: 'process', by: 'script', args: ['SIGSTOP'] });
    expect(server.calls('thaw')).toMatchObject([{ args: ['SIGCONT'] }]);
    const stop = await lab.until('process', ({ process, edge }) => process === 'frozen' && edge === 'stop');
    expect((await lab.returnOf(freeze as never)).t).toBeLessThanOrEqual(stop.t);
    await lab.until('process', ({ process, edge }) => process === 'frozen' && edge === 'continue');
  });

  test('kills with SIGKILL, and says ESRCH for what has ended', async () => {
    await lab.start('node', 'killed');
    await lab.agent({ do: 'signal', name: 'killed', signal: 'SIGKILL' });
    expect(await lab.agent({ do: 'wait', name: 'killed' })).toEqual({ code: null, signal: 'SIGKILL' });
    await expect(lab.agent({ do: 'signal', name: 'killed', signal: 'SIGTERM' })).rejects.toMatchObject({
      code: 'ESRCH',
    });
    const failed = await lab.until('return', ({ errno }) => errno === 'ESRCH');
    expect(lab.records).toContainEqual(
      expect.objectContaining({ type: 'call', call: failed.call, api: 'kill', args: ['SIGTERM'] }),
    );
  });

  test('does not reach a process that is none of the agent’s', async () => {
    await expect(lab.agent({ do: 'signal', pid: process.pid, signal: 'SIGTERM' })).rejects.toMatchObject({
      code: 'ESRCH',
    });
    await expect(lab.agent({ do: 'signal', name: 'nobody', signal: 'SIGTERM' })).rejects.toMatchObject({
      code: 'ESRCH',
    });
  });

  test('reaches a whole group when asked to', async () => {
    await lab.agent({
      do: 'spawn',
      kind: 'command',
      name: 'group',
      command: 'sh',
      args: ['-c', 'sleep 60 & echo $!; wait'],
    });
    const { text } = await lab.until('output', ({ process }) => process === 'group');
    await lab.agent({ do: 'signal', name: 'group', signal: 'SIGKILL', group: true });
    await lab.agent({ do: 'wait', name: 'group' });
    await expect.poll(() => isRunning(Number(text)), { interval: 2 }).toBe(false);
  });
});

test('nothing is left when the collector is gone, frozen or with a child of its own', async () => {
  const doomed = await startCollector();
  const node = await doomed.start('node', 'node');
  const raw = await doomed.start('raw', 'raw');
  const { value: listener } = await raw.raw('socket');
  await raw.raw('bind', listener, 0, '127.0.0.1');
  await raw.raw('listen', listener, 1);
  raw.channel.request({ do: 'call', api: 'accept', args: [listener] }).catch(() => {});
  await doomed.agent({ do: 'spawn', kind: 'command', name: 'sh', command: 'sh', args: ['-c', 'sleep 60 & echo $!'] });
  const orphan = Number((await doomed.until('output', ({ process }) => process === 'sh')).text);
  await doomed.agent({ do: 'wait', name: 'sh' });
  await doomed.agent({ do: 'signal', name: 'node', signal: 'SIGSTOP' });
  const pids = [node.pid, raw.pid, orphan, doomed.agentProcess.pid as number];
  expect(pids.filter(isRunning)).toEqual(pids);
  await doomed.close();
  await expect.poll(() => pids.filter(isRunning), { interval: 5 }).toEqual([]);
});

const isRunning = (pid: number): boolean => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

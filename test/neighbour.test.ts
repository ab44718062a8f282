// Nobody on the machine gets into a run who was not let in: not an unprivileged neighbour, who does not come near its
// socket, and not a process of the same user without a token. What comes over a connection that was let in is not
// believed unread either.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import koffi from 'koffi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiRecord } from '../src/record/api-records.ts';
import { finwait, fixture, readDocument, readTimeline, resultsFolder, runFolder, runsOf } from './finwait.ts';
import { makeMark } from './leftovers.ts';

const results = resultsFolder();
const isRoot = process.getuid?.() === 0;

/** A run that stays, and where its socket is. The folder for temporary files is everybody's, as /tmp is. */
const startRun = async (name: string) => {
  const mark = makeMark();
  chmodSync(mark.temporary, 0o1777);
  const folder = join(results, name);
  const run = finwait(['run', fixture('stays'), '--json', '--results', folder], { env: mark.environment });
  const log = () => {
    const [one] = runsOf(folder, 'stays');
    const path = one && join(one, 'api.ndjson');
    return path && existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  while (!log().includes('"waiting"')) await pause(20);
  const [scratch = ''] = readdirSync(mark.temporary);
  return {
    mark,
    folder,
    run,
    log,
    scratch: join(mark.temporary, scratch),
    socket: join(mark.temporary, scratch, 'control.sock'),
  };
};

/** What nobody runs: `kill -0`, `ls`, a program of a few lines. Exit code and words. */
const asNobody = (command: string, ...args: string[]) => {
  const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--inh-caps=-all', '--bounding-set=-all'];
  return execa('setpriv', [...(isRoot ? nobody : []), command, ...args], { reject: false });
};

describe.runIf(isRoot)('an unprivileged neighbour', () => {
  let it: Awaited<ReturnType<typeof startRun>>;
  beforeAll(async () => {
    it = await startRun('neighbour');
  });
  afterAll(async () => {
    it.run.kill('SIGINT');
    await it.run;
  });

  test('the folder is its owner’s alone, and so is the socket', () => {
    expect(lstatSync(it.scratch).mode & 0o777).toBe(0o700);
    expect(lstatSync(it.socket).mode & 0o777).toBe(0o600);
    expect(lstatSync(it.scratch).uid).toBe(process.getuid?.());
  });

  test('cannot list the folder', async () => {
    const { exitCode, stderr } = await asNobody('ls', it.scratch);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Permission denied')]);
  });

  test('cannot connect, although the kernel tells the path', async () => {
    expect(readFileSync('/proc/net/unix', 'latin1')).toContain(it.socket);
    const script = `require('net').connect('${it.socket}').on('error', (e) => { console.log(e.code); process.exit(1) }).on('connect', () => process.exit(0))`;
    expect(await asNobody('node', '-e', script)).toMatchObject({ exitCode: 1, stdout: 'EACCES' });
  });

  test('cannot read a token: not in an environment, and none is on a command line', async () => {
    const pids = it.mark.find(/./);
    const tokens = pids.flatMap((pid) => tokensOf(readFileSync(`/proc/${pid}/environ`, 'latin1')));
    expect(new Set(tokens).size).toBeGreaterThanOrEqual(6); // two sidecars, two agents, two processes
    for (const pid of pids) {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      for (const token of tokens) expect(command).not.toContain(token);
      expect((await asNobody('cat', `/proc/${pid}/environ`)).stderr).toContain('Permission denied');
    }
    for (const token of tokens) expect(it.log()).not.toContain(token);
  });

  test('cannot end any part of it', async () => {
    const pids = it.mark.find(/./);
    expect(pids.length).toBeGreaterThan(6);
    const { exitCode, stderr } = await asNobody('sh', '-c', `kill -9 ${pids.join(' ')}`);
    expect(exitCode).not.toBe(0);
    expect(stderr.match(/not permitted/g)).toHaveLength(pids.length);
    expect(it.mark.find(/./).length).toBe(pids.length);
  });
});

describe('a process of the same user without a token', () => {
  const words = (text: string, length = Buffer.byteLength(text), bytes = 0) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(length, 0);
    head.writeUInt32BE(bytes, 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  const message = (header: object) => words(JSON.stringify(header));
  const forged = { type: 'output', t: 1, host: 'server', process: 'forged', stream: 'stdout', text: 'forged' };
  const attempts: [string, Buffer][] = [
    ['three bytes', Buffer.from('abc')],
    ['three bytes as a header', words('abc')],
    ['JSON that is no object', words('17')],
    ['an absurd length', words('', 0xffffffff, 0xffffffff)],
    ['a header too long for a stranger', words('x'.repeat(5000))],
    ['bytes from a stranger', words('{}', 2, 100)],
    ['a record without a hello', message({ record: forged })],
    ['a hello without a token', message({ hello: { role: 'agent', host: 'server', pid: 1 } })],
    [
      'a hello with a wrong token',
      message({ hello: { role: 'sidecar', host: 'server', pid: 1, token: 'x'.repeat(32) } }),
    ],
    ['a hello of another shape', message({ hello: [['__proto__']], __proto__: null })],
    [
      'a hello and a record at once',
      Buffer.concat([
        message({ hello: { role: 'process', host: 'server', name: 'forged', pid: 1, token: '' } }),
        message({ record: forged }),
      ]),
    ],
  ];

  test('is hung up on, and the run does not notice', async () => {
    const { run, socket, log, folder, mark } = await startRun('stranger');
    const before = log();
    for (const [what, bytes] of attempts) {
      const hungUp = new Promise<string>((resolve) => {
        const one = connect(socket, () => one.write(bytes));
        one
          .on('close', () => resolve('hung up'))
          .on('error', () => {})
          .on('data', () => resolve('answered'));
        // Three bytes are no message yet: whoever says nothing more within ten seconds is hung up on.
        setTimeout(() => resolve('nothing happened'), 15_000).unref();
      });
      expect(await hungUp, what).toBe('hung up');
    }
    expect(log()).toBe(before);
    run.kill('SIGINT');
    const { exitCode, stdout } = await run;
    expect(exitCode).toBe(130);
    expect(readDocument(stdout).runs).toHaveLength(1);
    expect(readTimeline(runFolder(folder, 'stays')).gaps).toEqual([
      { witness: 'api', reason: 'the run was interrupted' },
    ]);
    expect(mark.left()).toEqual({ processes: [], namespaces: [], files: [] });
  }, 60_000);

  test('a token admits once', async () => {
    const { run, socket, mark } = await startRun('again');
    const [agent] = mark.find(/host\/agent\.m?[jt]s --control \S+ --host client$/);
    const [token] = tokensOf(readFileSync(`/proc/${agent}/environ`, 'latin1'));
    const closed = new Promise((resolve) => {
      const one = connect(socket, () =>
        one.write(message({ hello: { role: 'agent', host: 'client', pid: 1, token } })),
      );
      one.on('close', resolve).on('error', () => {});
    });
    await closed;
    run.kill('SIGINT');
    expect((await run).exitCode).toBe(130);
  });

  describe.runIf(isRoot)('that writes into the connection of a part', () => {
    test.each([
      ['what is no message', words('abc'), /a message's header is not JSON: \\?"abc\\?"/],
      ['a record of the other host', message({ record: forged }), /a record of the server/],
      ['a record of the collector’s', message({ record: { type: 'end', t: 1 } }), /a record that is none/],
      [
        'a record with a field missing',
        message({ record: { ...forged, text: undefined } }),
        /a record that is none \(text/,
      ],
      ['what only a sidecar sends', message({ pcap: true }), /a message of a kind it does not send: pcap/],
    ])('%s: this connection ends, and a gap is recorded', async (what, bytes, reason) => {
      const { run, log, folder } = await startRun(what.replaceAll(' ', '-'));
      const [start] = log()
        .split('\n')
        .map(parsed)
        .filter((record) => record?.type === 'process' && record.host === 'client' && record.edge === 'start');
      const inside = start?.type === 'process' ? (start.pid as number) : 0;
      writeIntoControl(outsidePid(inside, run.pid as number), bytes);
      while (!log().includes('"gap"')) await pause(10);
      run.kill('SIGINT');
      expect((await run).exitCode).toBe(130);
      const { gaps } = readTimeline(runFolder(folder, 'stays'));
      expect(gaps).toContainEqual({ witness: 'api', host: 'client', reason: expect.stringMatching(reason) });
      expect(gaps.find(({ host }) => host === 'client')?.reason).toMatch(/^the process \S+ of the client was cut off/);
      expect(log()).not.toContain('"forged"');
    });
  });
});

const tokensOf = (environment: string): string[] =>
  environment.split('\0').flatMap((one) => (/^(?:\w+_)?TOKEN=/.test(one) ? [one.replace(/^\w+=/, '')] : []));

const parsed = (line: string) => (line ? apiRecord.parse(JSON.parse(line)) : undefined);

/**
 * The pid here of a process that has another in its own pid namespace: of the descendants of a run, the one whose NSpid
 * ends so.
 */
const outsidePid = (inside: number, run: number): number => {
  const all = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (pid: number): number[] =>
    all.filter(([, parent]) => parent === pid).flatMap(([own = 0]) => [own, ...below(own)]);
  const found = below(run).find((pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return (
      new RegExp(`^NSpid:.*\\s${inside}$`, 'm').test(status) &&
      /node-process/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1')) &&
      /FINWAIT_HOST=client/.test(readFileSync(`/proc/${pid}/environ`, 'latin1'))
    );
  });
  if (!found) throw new Error(`There is no process ${inside} below ${run}.`);
  return found;
};

/** Root may take a copy of any process's descriptor (pidfd_getfd(2)), and so speak over its connection. */
const writeIntoControl = (pid: number, bytes: Buffer) => {
  const syscall = koffi.load(null).func('long syscall(long, long, long, long)');
  const pidfd = Number(syscall(434, pid, 0, 0));
  const unix = readFileSync(`/proc/${pid}/net/unix`, 'latin1');
  const control = readdirSync(`/proc/${pid}/fd`)
    .map(Number)
    .find((fd) => {
      const inode = fd > 2 && /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode && new RegExp(` ${inode}\\b`).test(unix);
    });
  const copy = Number(syscall(438, pidfd, control as number, 0));
  expect(copy).toBeGreaterThan(2);
  writeSync(copy, bytes);
};

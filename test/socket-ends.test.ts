// The end of a socket is witnessed: samples when something has ended, and what the kernel reports of the sockets it destroys.
import { beforeAll, describe, expect, test } from 'vitest';
import type {
  CallEvent,
  CounterEvent,
  EmitEvent,
  ProcessEvent,
  StageEvent,
  StateEvent,
  Timeline,
} from '../src/timeline/schema.ts';
import { keyOf, transitions } from '../src/timeline/states/transitions.ts';
import { finwait, fixture, readDocument, readTimeline, resultsFolder, runFolder } from './finwait.ts';

const results = resultsFolder();
const scripts = [
  'connect-fails-late',
  'gives-up-retransmitting',
  'program-closes-and-lives-on',
  'tail-loss-probe',
] as const;
let run: Awaited<ReturnType<typeof finwait>>;
let timelines: Record<(typeof scripts)[number], Timeline>;

beforeAll(async () => {
  run = await finwait(['run', ...scripts.map(fixture), '--json', '--results', results]);
  timelines = Object.fromEntries(
    scripts.map((name) => [name, readTimeline(runFolder(results, name))]),
  ) as typeof timelines;
}, 120_000);

test('every script comes to its end and no witness is blind', () => {
  expect(readDocument(run.stdout).runs.flatMap(({ error }) => error ?? [])).toEqual([]);
  for (const timeline of Object.values(timelines)) expect(timeline.gaps).toEqual([]);
});

describe('ss looks at both hosts', () => {
  const looks = (name: keyof typeof timelines, reason: string) =>
    timelines[name].samples.filter((sample) => sample.reason.split(', ').includes(reason));
  const eventOf = <E extends { kind: string }>(name: keyof typeof timelines, fits: (event: E) => boolean) =>
    timelines[name].events.find((event) => fits(event as unknown as E)) as unknown as E;

  test('after a call that was begun has returned', () => {
    const call = eventOf<CallEvent>('connect-fails-late', ({ api }) => api === 'connect');
    const [first] = looks('connect-fails-late', 'return of connect() in client');
    expect(call.returned?.errno).toBe('ETIMEDOUT');
    expect(first?.begin).toBeGreaterThan(call.returned?.at as number);
    expect(looks('connect-fails-late', 'return of connect() in client').map(({ host }) => host)).toEqual(bothHosts);
  });

  test("after Node has told of a socket's end", () => {
    const emit = eventOf<EmitEvent>('gives-up-retransmitting', ({ name }) => name === 'error');
    const [first] = looks('gives-up-retransmitting', `'error' of ${emit.target} in client`);
    expect(first?.begin).toBeGreaterThan(emit.at);
    expect(first?.rows.filter(({ state }) => state !== 'CLOSED')).toEqual([]);
  });

  test('after a process has ended, before the script goes on', () => {
    const exit = eventOf<ProcessEvent>('program-closes-and-lives-on', ({ edge }) => (edge as string) === 'exit');
    expect(looks('program-closes-and-lives-on', 'end of python3')[0]?.begin).toBeGreaterThan(exit.at);
  });

  test('at the end of a stage and of the run', () => {
    const end = eventOf<StageEvent>(
      'gives-up-retransmitting',
      ({ edge, text }) => edge === 'end' && text === 'given up',
    );
    const [atEnd] = looks('gives-up-retransmitting', 'end of stage given up');
    expect(atEnd?.end).toBeLessThan(end.at);
    expect(atEnd?.begin).toBeGreaterThan(
      eventOf<EmitEvent>('gives-up-retransmitting', ({ name }) => name === 'error').at,
    );
    for (const name of scripts) {
      expect(looks(name, 'end of the run').map(({ host }) => host)).toEqual(bothHosts);
      expect(timelines[name].samples.at(-1)?.reason).toBe('end of the run');
    }
  });
});

describe('ss -E tells of each full socket the kernel has destroyed', () => {
  test('of one that was given up, when its process has closed it, with its last counters', () => {
    const { destroyed, events } = timelines['gives-up-retransmitting'];
    const close = events.find((event) => event.kind === 'call' && event.api === 'close' && event.host === 'client');
    const ofClient = destroyed.filter(({ host, connection }) => host === 'client' && connection === 0);
    expect(ofClient).toHaveLength(1);
    expect(ofClient[0]?.at).toBeGreaterThan(close?.at as number);
    // The handshake's ACK and the data, six times: one and five retransmissions.
    expect(ofClient[0]?.info).toMatchObject({ data_segs_out: '6', bytes_retrans: '20', retrans: '1/5' });
    expect(destroyed.filter(({ host, connection }) => host === 'server' && connection === 0)).toEqual([]);
  });

  test('of those a program closed that lives on, in free run', () => {
    const { destroyed, events } = timelines['program-closes-and-lives-on'];
    const exit = events.find((event) => event.kind === 'process' && event.edge === 'exit');
    for (const connection of [0, 1]) {
      const fin = events.find(
        (event) => event.kind === 'segment' && event.connection === connection && event.flags.includes('F'),
      );
      const [report, ...others] = destroyed.filter((one) => one.host === 'client' && one.connection === connection);
      expect(others).toEqual([]);
      expect(report?.at).toBeGreaterThan(fin?.at as number);
      expect(report?.at).toBeLessThan(exit?.at as number);
    }
  });

  test('and of nothing else: the sockets by which it is known to listen are no part of the run', () => {
    for (const { destroyed } of Object.values(timelines))
      expect(destroyed.filter(({ local }) => local.port === 0)).toEqual([]);
  });
});

describe('a change of state is no more exact than what was seen of it', () => {
  const ends = (name: keyof typeof timelines) =>
    timelines[name].events.filter(
      (event) => event.kind === 'state' && event.host === 'client' && event.to === 'CLOSED',
    ) as StateEvent[];

  test('CLOSED not before the last retransmission, and not after the error that tells of it', () => {
    const { events } = timelines['gives-up-retransmitting'];
    const [closed, ...others] = ends('gives-up-retransmitting');
    const last = events.findLast((event) => event.kind === 'segment' && event.from === 'client');
    const error = events.find((event) => event.kind === 'emit' && event.name === 'error');
    expect(others).toEqual([]);
    expect(closed?.between[0]).toBe(last?.at);
    expect(closed?.between[1]).toBeLessThan(error?.at as number);
    expect(closed?.between[1]).toBeGreaterThan((last?.at ?? 0) + 2.5e9); // the sixth copy would have followed 3.3 s later
  });

  test('and so it is printed', async () => {
    const { stdout } = await finwait(['analyze', runFolder(results, 'gives-up-retransmitting')]);
    expect(String(stdout)).toMatch(/≥\d+\.\d +client +ESTABLISHED → CLOSED, between \d+\.\d and \d+\.\d ms/);
    expect(String(stdout)).toMatch(/ESTABLISHED for 3\.\d+ s to \d\.\d+ s/);
  });

  const drawn = new Set(transitions.map(keyOf));

  test('what was skipped between two looks is no transition, in the record and in print', async () => {
    const changes = timelines['program-closes-and-lives-on'].events.filter(
      (event): event is StateEvent => event.kind === 'state' && event.host === 'client',
    );
    // ss looks before and after the third connection, which was opened and closed in between.
    expect(changes.filter(({ connection }) => connection === 2)).toMatchObject([
      { from: 'CLOSED', to: 'TIME-WAIT', unseen: true },
    ]);
    // Those before were looked at whenever somebody had the time: what lay within one look, and only that, is unseen.
    for (const { from, to, unseen = false } of changes) expect(unseen).toBe(!drawn.has(keyOf({ from, to })));
    const { stdout } = await finwait(['analyze', runFolder(results, 'program-closes-and-lives-on')]);
    expect(String(stdout)).toMatch(/CLOSED → … → TIME-WAIT, states between unseen/);
    expect(String(stdout)).not.toMatch(/CLOSED → TIME-WAIT/);
  });

  test('CLOSED when connect() has returned ETIMEDOUT, two seconds after the last SYN', () => {
    const { events } = timelines['connect-fails-late'];
    const [closed] = ends('connect-fails-late');
    const connect = events.find((event) => event.kind === 'call' && event.api === 'connect') as CallEvent;
    const lastSyn = events.findLast((event) => event.kind === 'segment');
    expect(closed?.between[0]).toBeGreaterThan((lastSyn?.at ?? 0) + 1.9e9);
    expect(closed?.between[1]).toBeLessThanOrEqual(connect.returned?.at as number);
    const [state] = readDocument(run.stdout).runs.flatMap(({ findings }) =>
      findings.flatMap(({ cases }) => cases.slice(-1)),
    );
    expect(state).toMatchObject({ name: 'state', outcome: 'held' });
  });
});

describe("the kernel's counters", () => {
  test('a rise that says something is an event, and evidence', () => {
    const { events, samples } = timelines['tail-loss-probe'];
    const [probe, ...others] = events.filter(
      (event): event is CounterEvent => event.kind === 'counter' && event.name === 'TcpExt.TCPLossProbes',
    );
    const again = events.find((event) => event.kind === 'segment' && event.retransmissionOf !== undefined);
    expect(others).toEqual([]);
    expect(probe).toMatchObject({ host: 'client', by: 1, telling: true });
    expect(again?.at).toBeGreaterThan(probe?.between[0] as number);
    expect(again?.at).toBeLessThan(probe?.between[1] as number);
    expect(samples.find(({ id }) => id === probe?.after)?.host).toBe('client');
    const found = readDocument(run.stdout).runs.find(({ experiment }) => experiment === 'tail-loss-probe')?.findings[0];
    expect(found?.cases[0]).toMatchObject({ outcome: 'held', evidence: [probe?.id] });
  });

  test('in words; what segments show as well only on request', async () => {
    const print = async (...options: string[]) =>
      String((await finwait(['analyze', runFolder(results, 'tail-loss-probe'), ...options])).stdout);
    const normal = await print();
    expect(normal).toContain('the kernel sent a tail loss probe (TCPLossProbes +1)');
    expect(normal).not.toContain('RetransSegs');
    expect(await print('--full')).toContain('kernel: a segment was sent again (RetransSegs +1)');
  });
});

const bothHosts = expect.toSatisfy((hosts: string[]) => hosts.toSorted().join() === 'client,server');

// What caused what, on real kernels: each kind of cause that was once put down to the wrong event.
import { beforeAll, expect, test } from 'vitest';
import { violations } from '../src/timeline/invariants/invariants.ts';
import type {
  CallEvent,
  ProcessEvent,
  SegmentEvent,
  StateEvent,
  Timeline,
  TimelineEvent,
} from '../src/timeline/schema.ts';
import { finwait, fixture, readDocument, readTimeline, resultsFolder, runFolder } from './finwait.ts';

const results = resultsFolder();
let lockstep: Timeline;
let freeRun: Timeline;
let orphans: Timeline;

beforeAll(async () => {
  const scripts = ['causes-in-lockstep', 'causes-in-free-run', 'orphans'];
  const run = await finwait(['run', ...scripts.map(fixture), '--json', '--results', results]);
  expect(readDocument(run.stdout).runs.flatMap(({ error }) => error ?? [])).toEqual([]);
  const timelines = scripts.map((name) => readTimeline(runFolder(results, name)));
  [lockstep, freeRun, orphans] = timelines as [Timeline, Timeline, Timeline];
}, 120_000);

const ofKind =
  <E extends TimelineEvent>(kind: E['kind']) =>
  ({ events }: Timeline, stage: string): E[] =>
    events.filter((event): event is E => event.kind === kind && event.stage === stage);
const segments = ofKind<SegmentEvent>('segment');
const calls = ofKind<CallEvent>('call');
const states = ofKind<StateEvent>('state');
const exits = (timeline: Timeline, stage: string) =>
  ofKind<ProcessEvent>('process')(timeline, stage).filter(({ edge }) => edge === 'exit');
const behind = ({ events }: Timeline, { cause }: TimelineEvent): TimelineEvent | undefined =>
  events.find(({ id }) => cause && 'event' in cause && cause.event === id);

test('no run contradicts itself, and no witness was blind', () => {
  for (const timeline of [lockstep, freeRun, orphans]) {
    expect(timeline.gaps).toEqual([]);
    expect(violations(timeline)).toEqual([]);
    const unexplained = timeline.events.filter(
      ({ kind, cause }) => /^(segment|state)$/.test(kind) && cause?.kind === 'unknown',
    );
    expect(unexplained).toEqual([]);
  }
});

test('of three copies the first is the tail loss probe, the others are the timeout', () => {
  const copies = segments(lockstep, 'lost').filter(({ role }) => role === 'retransmission');
  expect(copies.map(({ cause }) => cause?.kind === 'timer' && cause.timer)).toEqual(['tail-loss-probe', 'on', 'on']);
});

test('what others have overtaken is sent again by the timer for reordering', () => {
  const copies = segments(lockstep, 'reordered').filter(({ role }) => role === 'retransmission');
  expect(copies.map(({ cause }) => cause?.kind === 'timer' && cause.timer)).toEqual(['reordering']);
});

test('a delayed ACK belongs to the stage of what it acknowledges', () => {
  const { events } = lockstep;
  const data = segments(lockstep, 'delayed ACK').filter(({ length }) => length > 0);
  const end = events.findIndex(
    (event) => event.kind === 'stage' && event.edge === 'end' && event.text === 'delayed ACK',
  );
  const last = data.at(-1) as SegmentEvent;
  const answer = events.findIndex(
    (event) => event.kind === 'segment' && event.from !== last.from && event.ack === last.seq + last.length,
  );
  expect(answer).toBeGreaterThan(0);
  expect(answer).toBeLessThan(end);
});

test('each connect() on one descriptor belongs to the pair of its own SYN', () => {
  const syns = segments(lockstep, 'two connects').filter(({ flags }) => flags === 'S');
  const made = calls(lockstep, 'two connects').filter(({ connection }) => connection !== undefined);
  const [refused, accepted] = syns.map(({ connection, destination }) => `${connection} ${destination.port}`);
  expect(syns).toHaveLength(2);
  expect(
    made.map(({ api, connection, remote, returned }) => [api, `${connection} ${remote?.port}`, returned?.errno]),
  ).toEqual([
    ['connect', refused, 'ECONNREFUSED'],
    ['connect', accepted, undefined],
    ['setsockopt', accepted, undefined],
    ['connect', accepted, 'EISCONN'],
    ['close', accepted, undefined],
  ]);
  for (const syn of syns) expect(behind(lockstep, syn)).toMatchObject({ api: 'connect', connection: syn.connection });
});

test('a listener is closed by shutdown(SHUT_RD), and stands in LISTEN until that call', () => {
  const closed = states(lockstep, 'shutdown of a listener').find(({ to }) => to === 'CLOSED') as StateEvent;
  expect(behind(lockstep, closed)).toMatchObject({ api: 'shutdown' });
  expect(closed.at).toBeGreaterThanOrEqual(behind(lockstep, closed)?.at as number);
});

test.each([
  ['killed', () => lockstep],
  ['a program is killed', () => freeRun],
] as const)('%s: the call, the end of the process, what the kernel then sends, in this order', (stage, timeline) => {
  const [kill] = calls(timeline(), stage).filter(({ api }) => api === 'kill');
  const [exit] = exits(timeline(), stage);
  const [sent] = segments(timeline(), stage).filter(({ flags }) => /[FR]/.test(flags));
  expect(exit?.cause).toEqual({ kind: 'call', event: kill?.id });
  expect(sent?.cause).toEqual({ kind: 'process-end', event: exit?.id });
  const order = [kill, exit, sent].map((one) => timeline().events.indexOf(one as TimelineEvent));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(exit?.between?.[0]).toBeGreaterThanOrEqual(kill?.at as number);
  expect(exit?.between?.[1]).toBeGreaterThanOrEqual(sent?.at as number);
});

test('the FIN of a child that outlived its parent is left to the kernel by the end of the child, not by the close() long before', () => {
  const stage = 'killed after its parent has ended';
  const exit = exits(lockstep, stage).find(({ process }) => process === 'child') as ProcessEvent;
  const kill = calls(lockstep, stage).find(({ api }) => api === 'kill');
  expect(exit.cause).toEqual({ kind: 'call', event: kill?.id });
  const fin = segments(lockstep, stage).find(({ from, flags }) => from === 'server' && flags.includes('F'));
  expect(fin?.cause).toEqual({ kind: 'process-end', event: exit.id });
});

test('when a program called listen() nobody saw: some time between its start and the first look', () => {
  const [listen] = states(lockstep, 'a program listens') as [StateEvent];
  const start = behind(lockstep, listen) as ProcessEvent;
  expect(listen).toMatchObject({ to: 'LISTEN', cause: { kind: 'program' } });
  expect(start).toMatchObject({ kind: 'process', edge: 'start', process: 'nc' });
  const [from, to] = listen.between;
  expect(from).toBeGreaterThanOrEqual(start.at);
  expect(to - from).toBeGreaterThan(1e6);
});

test('what a program does whose calls nobody recorded is put down to the program, not to its end nor to a FIN', () => {
  const own = [...segments(freeRun, 'closes and lives on'), ...segments(freeRun, 'speaks last')].filter(
    ({ from, flags, length }) => from === 'client' && (flags !== '.' || length > 0),
  );
  expect(own.map(({ flags }) => flags)).toEqual(['S', 'F.', 'S', 'F.', 'S', 'P.', 'F.']);
  for (const segment of own) {
    expect(segment.cause?.kind).toBe('program');
    expect(behind(freeRun, segment)).toMatchObject({ kind: 'process', edge: 'start' });
  }
});

test('the reset that ends keepalive is the keepalive timer, though nothing was received for seconds', () => {
  const reset = segments(freeRun, 'keepalive gives up').find(({ flags }) => flags.includes('R'));
  expect(reset?.cause).toMatchObject({ kind: 'timer', timer: 'keepalive' });
  expect(states(freeRun, 'keepalive gives up').findLast(({ host }) => host === 'client')).toMatchObject({
    to: 'CLOSED',
    cause: { kind: 'timer', timer: 'keepalive' },
  });
});

test('where there is no room for a socket that waits, an orphan is over with the ACK of its FIN', () => {
  const end = states(lockstep, 'no room to wait').find(({ host, to }) => host === 'server' && to === 'CLOSED');
  expect(end?.from).toBe('FIN-WAIT-1');
  expect(behind(lockstep, end as StateEvent)).toMatchObject({
    kind: 'segment',
    from: 'client',
    text: '. 1:1(0) ack 2',
  });
});

test('what TCP_CORK kept back is sent by the call that lets it go', () => {
  const data = segments(lockstep, 'kept back').find(({ length }) => length > 0);
  expect(behind(lockstep, data as SegmentEvent)).toMatchObject({
    kind: 'call',
    api: 'setsockopt',
    args: [expect.anything(), 'IPPROTO_TCP', 'TCP_CORK', 0],
  });
});

test('what a program has left behind may act until it has ended', () => {
  const stage = 'for a moment';
  const [ended] = ofKind<ProcessEvent>('process')(orphans, stage).filter(({ edge }) => edge === 'descendants-ended');
  expect(ended).toMatchObject({ process: 'of a moment' });
  const data = segments(orphans, stage).filter(({ length }) => length > 0);
  expect(data).toHaveLength(12);
  for (const { at, cause } of data) expect(cause?.kind).toBe(at < (ended?.at ?? 0) ? 'programs' : 'program');
});

test('what a program has left behind is its own, or, in a session of its own, that of any', () => {
  const endOf = (process: string) =>
    orphans.events.find(
      (event): event is ProcessEvent => event.kind === 'process' && event.edge === 'exit' && event.process === process,
    );
  expect(endOf('leaving')).toMatchObject({ orphans: 1 });
  expect(endOf('leaving')?.mayBeOthers).toBeUndefined();
  expect(endOf('passing')).toBeDefined();
  expect(endOf('passing')?.orphans).toBeUndefined();
  expect(endOf('leaving-2')).toMatchObject({ orphans: 1 });
  expect(endOf('passing-2')).toMatchObject({ orphans: 1, mayBeOthers: true });
});

test.each(['the same session', 'setsid'])(
  'what a program has left behind may act, and not only who runs beside it: %s',
  (stage) => {
    const started = orphans.events.filter(
      (event) => event.kind === 'process' && event.edge === 'start' && event.stage === stage,
    );
    const [data] = segments(orphans, stage).filter(({ length }) => length > 0);
    expect(data?.cause?.kind).toBe('programs');
    const named = data?.cause?.kind === 'programs' ? data.cause.events : [];
    expect(started.slice(0, 2).every(({ id }) => named.includes(id))).toBe(true);
  },
);

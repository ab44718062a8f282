import { expect, test } from 'vitest';
import { buildTimeline } from '../build.ts';
import { both, client, server, shakeHands, startRecording } from '../fixtures/recording.ts';
import { segments, states } from '../fixtures/telling.ts';

const address = { local: client, remote: server };
const lastOf = (timeline: ReturnType<typeof buildTimeline>, host: string) => states(timeline, host).at(-1);
const milliseconds = (span: readonly number[] | undefined) => span?.map((at) => at / 1e6);

/** Nobody looks while the client sends again and again and is told at last that it was in vain. */
const givenUp = (tell: (recording: ReturnType<typeof startRecording>) => void) => {
  const recording = startRecording();
  const { step, call, send, sample, after } = recording;
  shakeHands(recording);
  step('write');
  recording.operation('cut');
  call('client', { api: 'write', target: 'socket-1', args: ['lost'], ...address });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'lost' }, 'drop');
  sample(both({ state: 'ESTAB', timer: 'on,200ms,0' }, 'ESTAB'));
  for (const wait of [200, 400, 800]) {
    after(wait);
    send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'lost' }, 'drop');
  }
  const sent = recording.now();
  after(1600);
  const told = recording.now();
  tell(recording);
  after(500);
  sample(both(undefined, 'ESTAB'));
  return { timeline: buildTimeline(recording.end()), sent, told };
};

test('a socket is CLOSED not before it has sent for the last time, and not after a process was told', () => {
  const { timeline, sent, told } = givenUp(({ record }) =>
    record({
      type: 'emit',
      host: 'client',
      process: 'client',
      target: 'socket-1',
      name: 'error',
      code: 'ETIMEDOUT',
      ...address,
    }),
  );
  const closed = lastOf(timeline, 'client');
  expect(closed).toMatchObject({ from: 'ESTABLISHED', to: 'CLOSED', at: segments(timeline).at(-1)?.at });
  const [low, high] = milliseconds(closed?.between) as [number, number];
  expect(Math.abs(low - sent)).toBeLessThan(0.1);
  expect(high).toBeCloseTo(told, 6);
  const [least, most] = milliseconds(states(timeline, 'client').at(-2)?.dwellBetween) as [number, number];
  expect(most - least).toBeCloseTo(high - low, 6);
});

test('the report of its destruction bounds it as well, by its cookie', () => {
  const { timeline, told } = givenUp(({ destroy }) => {
    destroy('client', { local: client, peer: { ...server, port: 1 }, inode: 0 });
    destroy('client', { inode: 1 });
  });
  expect(timeline.destroyed.map(({ connection }) => connection)).toEqual([undefined, 0]);
  expect(milliseconds(lastOf(timeline, 'client')?.between)?.[1]).toBeCloseTo(told + 0.1, 6);
});

test('an error that ends no connection does not', () => {
  const { timeline, told } = givenUp(({ record }) =>
    record({
      type: 'emit',
      host: 'client',
      process: 'client',
      target: 'socket-1',
      name: 'error',
      code: 'EPIPE',
      ...address,
    }),
  );
  expect(milliseconds(lastOf(timeline, 'client')?.between)?.[1]).toBeGreaterThan(told + 400);
});

/** The client closes first; the server's FIN comes `wait` later. */
const activeClose = (look: (recording: ReturnType<typeof startRecording>) => void) => {
  const recording = startRecording();
  const { step, call, send } = recording;
  shakeHands(recording);
  step('close');
  call('client', { api: 'destroy', target: 'socket-1', ...address });
  send('client', { flags: 'F.', seq: 1, ack: 1 });
  send('server', { flags: '.', seq: 1, ack: 2 });
  look(recording);
  return buildTimeline(recording.end());
};

test('a report says nothing of the remnant that stands in for a socket: the FIN-WAIT-2 of an orphan ends later', () => {
  const timeline = activeClose(({ sample, destroy, after }) => {
    sample(both({ state: 'FIN-WAIT-2', inode: 100 }, 'CLOSE-WAIT'));
    destroy('client', { inode: 1 });
    after(60_000);
    sample(both(undefined, 'CLOSE-WAIT'));
  });
  const [low, high] = milliseconds(lastOf(timeline, 'client')?.between) as [number, number];
  expect(high - low).toBeGreaterThan(59_000);
});

test('a timer of ten seconds and more is known to the second: it bounds the change from below, and no more', () => {
  let looked = 0;
  const timeline = activeClose(({ sample, after, now }) => {
    looked = now();
    sample(both({ state: 'FIN-WAIT-2', inode: 0, timer: 'timewait,59sec,0' }, 'CLOSE-WAIT'));
    after(62_000);
    sample(both(undefined, 'CLOSE-WAIT'));
  });
  const closed = lastOf(timeline, 'client');
  const [low, high] = milliseconds(closed?.between) as [number, number];
  expect(low).toBeCloseTo(looked + 59_000, 6);
  expect(high - looked).toBeGreaterThan(62_000);
});

test('what a segment shows is a moment; what a call did is not before it', () => {
  const timeline = activeClose(({ sample }) => sample(both('FIN-WAIT-2', 'CLOSE-WAIT')));
  for (const host of ['client', 'server'])
    for (const { between, to } of states(timeline, host).filter(({ to }) => to !== 'LISTEN'))
      expect(between[1] - between[0], to).toBe(0);
  const [listening] = states(timeline, 'server');
  const listen = timeline.events.find((event) => event.kind === 'call' && event.api === 'listen');
  expect(listening?.between[0]).toBe(listen?.at);
});

test('a socket that resets by itself is CLOSED then, not when the other end’s reset arrives', () => {
  const recording = startRecording();
  const { call, send, sample, after } = recording;
  shakeHands(recording);
  sample(both('ESTAB', 'ESTAB'));
  call('client', { api: 'close', via: 'raw', target: 'fd 3', ...address }, () =>
    send('client', { flags: 'R.', seq: 1, ack: 1 }, 'deliver', 20),
  );
  const reset = segments(buildTimeline(recording.end())).at(-1);
  after(50);
  send('server', { flags: 'R.', seq: 1, ack: 1 });
  after(50);
  sample(both(undefined, undefined));
  const closed = lastOf(buildTimeline(recording.end()), 'client');
  expect(closed).toMatchObject({ from: 'ESTABLISHED', to: 'CLOSED', cause: { kind: 'call' } });
  expect(Math.abs((closed?.at ?? 0) - (reset?.at ?? 0))).toBeLessThan(1e6);
});

test('how long a state lasted that was left unseen is known only from below by what ss last showed', () => {
  const recording = startRecording();
  const { call, send, sample, after } = recording;
  shakeHands(recording);
  sample(both('ESTAB', 'ESTAB'));
  after(100);
  call('client', { api: 'shutdown', via: 'raw', target: 'fd 3', ...address }, () =>
    send('client', { flags: 'F.', seq: 1, ack: 1 }),
  );
  send('server', { flags: '.', seq: 1, ack: 2 });
  after(400);
  send('server', { flags: 'F.', seq: 1, ack: 2 });
  send('client', { flags: '.', seq: 2, ack: 2 });
  sample(both('TIME-WAIT', undefined));
  const [established, ended] = states(buildTimeline(recording.end()), 'client').slice(-2);
  expect(ended).toMatchObject({ from: 'ESTABLISHED', to: 'TIME-WAIT', unseen: true });
  const [least, most] = milliseconds(established?.dwellBetween) as [number, number];
  expect(least).toBeLessThan(50);
  expect(most).toBeGreaterThan(500);
});

/** Nobody looks from before a handshake until the listener has gone. */
const listenerGone = (tell: (recording: ReturnType<typeof startRecording>) => void) => {
  const recording = startRecording();
  const { sample, send, after } = recording;
  sample({ client: [], server: [listener] });
  after(100);
  send('client', { flags: 'S' });
  send('server', { flags: 'S.', ack: 1 });
  send('client', { flags: '.', seq: 1, ack: 1 });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' });
  send('server', { flags: '.', seq: 1, ack: 6 });
  after(500);
  tell(recording);
  after(100);
  sample(both('ESTAB', 'ESTAB', false));
  const timeline = buildTimeline(recording.end());
  const [low, high] = milliseconds(states(timeline, 'server').find(({ from }) => from === 'LISTEN')?.between) ?? [];
  const tookAck = milliseconds([segments(timeline)[2]?.receivedAt ?? 0])?.[0] ?? 0;
  return { low: low ?? 0, high: high ?? 0, tookAck };
};
const listener = {
  state: 'LISTEN',
  local: { ...server, address: '0.0.0.0' },
  cookie: 'a1',
  peer: { address: '0.0.0.0', port: 0 },
};

test('a listener is there for as long as it takes the ACKs of handshakes', () => {
  const { low, high, tookAck } = listenerGone(({ destroy }) => destroy('server', listener));
  expect(tookAck).toBeGreaterThan(100);
  expect(low).toBeCloseTo(tookAck, 3);
  expect(high).toBeGreaterThan(low + 400);
});

test('another one on its port may have taken them: then only the samples bound its end', () => {
  const { low, tookAck } = listenerGone(({ destroy }) => {
    destroy('server', listener);
    destroy('server', { ...listener, cookie: 'a2' });
  });
  expect(low).toBeLessThan(tookAck - 100);
});

test('where nothing reports its end, neither is known of others', () => {
  const { low, tookAck } = listenerGone(() => {});
  expect(low).toBeLessThan(tookAck - 100);
});

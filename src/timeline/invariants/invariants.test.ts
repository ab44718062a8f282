import { expect, test } from 'vitest';
import { buildTimeline } from '../build.ts';
import { both, client, server, shakeHands, startRecording } from '../fixtures/recording.ts';
import type { Timeline, TimelineEvent } from '../schema.ts';
import type { Rule } from './invariant-index.ts';
import { violations } from './invariants.ts';

/** A handshake, a write, a close by the client, and a close by the server. */
const recorded = (): Timeline => {
  const recording = startRecording();
  const { step, call, send, sample } = recording;
  recording.record({ type: 'process', host: 'server', process: 'server', edge: 'start', driven: true });
  shakeHands(recording);
  const own = { target: 'fd 3', via: 'raw' as const, local: client, remote: server };
  recording.stage('begin', 'sending');
  step('send');
  call('client', { api: 'send', ...own, args: [3, 'hello'], returns: 5 });
  send('client', { flags: 'P.', seq: 1, ack: 1, payload: 'hello' });
  send('server', { flags: '.', seq: 1, ack: 6 });
  recording.stage('end', 'sending');
  step('shutdown');
  call('client', { api: 'shutdown', ...own, args: [3, 'SHUT_WR'] });
  send('client', { flags: 'F.', seq: 6, ack: 1 });
  sample(both('FIN-WAIT-1', 'CLOSE-WAIT'));
  send('server', { flags: '.', seq: 1, ack: 7 });
  sample(both('FIN-WAIT-2', 'CLOSE-WAIT'));
  step('close');
  call('server', { api: 'close', target: 'fd 4', via: 'raw', local: server, remote: client });
  send('server', { flags: 'F.', seq: 1, ack: 7 });
  send('client', { flags: '.', seq: 7, ack: 2 });
  sample(both('TIME-WAIT'));
  recording.record({ type: 'process', host: 'server', process: 'server', edge: 'exit', code: 0, signal: null });
  return buildTimeline(recording.end());
};

test('a timeline of a sound recording violates nothing', () => expect(violations(recorded())).toEqual([]));

const isExit = (event: TimelineEvent) => event.kind === 'process' && event.edge === 'exit';
const isFin = (event: TimelineEvent) => event.kind === 'segment' && event.flags === 'F.';
const isCall = (api: string) => (event: TimelineEvent) => event.kind === 'call' && event.api === api;

/** What is done to one event, and the rule that then speaks. */
const doctored: [
  string,
  Rule,
  (event: TimelineEvent, find: Find) => boolean,
  (event: TimelineEvent, find: Find) => void,
][] = [
  [
    'a cause that is no event',
    'cause exists',
    isFin,
    (event) => {
      event.cause = { kind: 'call', event: 'e9999' };
    },
  ],
  [
    'a cause after its effect',
    'cause first',
    isFin,
    (event, find) => {
      event.cause = { kind: 'call', event: find(isCall('close')).id };
    },
  ],
  [
    'a cause below its effect',
    'cause above effect',
    isFin,
    (event, find) => {
      event.cause = { kind: 'process-end', event: find(isExit).id };
    },
  ],
  [
    'a segment that never arrived',
    'same socket',
    isFin,
    (event, find) => {
      const lost = find((one) => one.kind === 'segment' && one.flags === 'S');
      if (lost.kind === 'segment') lost.fate = 'dropped';
      event.cause = { kind: 'segment', event: lost.id };
    },
  ],
  [
    'a segment that arrived elsewhere',
    'same socket',
    isFin,
    (event, find) => {
      event.cause = { kind: 'segment', event: find((one) => one.kind === 'segment' && one.from === 'client').id };
    },
  ],
  [
    'a call on another connection',
    'same socket',
    isFin,
    (_event, find) => {
      const call = find(isCall('shutdown'));
      if (call.kind === 'call') call.connection = 7;
    },
  ],
  [
    'a call on another listener',
    'same socket',
    (event) => event.kind === 'state' && event.to === 'LISTEN',
    (_event, find) => {
      const call = find(isCall('listen'));
      if (call.kind === 'call') call.local = { ...server, port: 1 };
    },
  ],
  [
    'a call on the other host',
    'same socket',
    isFin,
    (_event, find) => {
      const call = find(isCall('shutdown'));
      if (call.kind === 'call') call.host = 'server';
    },
  ],
  [
    'a segment of a CLOSED socket',
    'nothing after the end',
    (event) => event.kind === 'state' && event.to === 'FIN-WAIT-1',
    (event) => {
      if (event.kind === 'state') event.to = 'CLOSED';
    },
  ],
  [
    'a send() on a CLOSED socket',
    'nothing after the end',
    (event) => event.kind === 'state' && event.to === 'SYN-SENT',
    (event) => {
      if (event.kind === 'state') event.to = 'CLOSED';
    },
  ],
  [
    'a call of a process that has ended',
    'nothing after the end',
    isExit,
    (event) => {
      event.at = 0;
      if (event.kind === 'process') event.between = [0, 0];
    },
  ],
  [
    'an unknown cause beside a call',
    'no call left out',
    isFin,
    (event) => {
      event.cause = { kind: 'unknown' };
    },
  ],
  [
    'a segment received before it was sent',
    'times in order',
    isFin,
    (event) => {
      if (event.kind === 'segment') event.receivedAt = event.at - 1e6;
    },
  ],
  [
    'a change outside its span',
    'times in order',
    (event) => event.kind === 'state' && event.to === 'CLOSE-WAIT',
    (event) => {
      event.at += 1e9;
    },
  ],
  [
    'a stage that ends before the answer',
    'one stage',
    (event) => event.kind === 'stage' && event.edge === 'end',
    (event, find) => {
      const ack = find((one) => one.kind === 'segment' && one.text === '. 1:1(0) ack 6');
      event.at = ack.at - 1;
    },
  ],
  [
    'the end of a process that never had the socket',
    'same socket',
    isFin,
    (event, find) => {
      const exit = find(isExit);
      if (exit.kind === 'process') Object.assign(exit, { host: 'client', process: 'stranger' });
      Object.assign(find(isCall('listen')), { host: 'client', process: 'stranger' });
      event.cause = { kind: 'process-end', event: exit.id };
    },
  ],
  [
    'a call that returns before it is made',
    'times in order',
    isCall('send'),
    (event) => {
      if (event.kind === 'call' && event.returned) event.returned.at = event.at - 1;
    },
  ],
];

type Find = (which: (event: TimelineEvent) => boolean) => TimelineEvent;

test.each(doctored)('%s: %s', (_what, rule, which, change) => {
  const timeline = recorded();
  const find = (wanted: (event: TimelineEvent) => boolean) => timeline.events.find(wanted) as TimelineEvent;
  const event = timeline.events.find((one) => which(one, find)) as TimelineEvent;
  change(event, find);
  expect(violations(timeline).map((one) => one.rule)).toContain(rule);
});

test('a violation names the event and the cause that cannot be', () => {
  const timeline = recorded();
  const fin = timeline.events.find(isFin) as TimelineEvent;
  const close = timeline.events.find(isCall('close')) as TimelineEvent;
  fin.cause = { kind: 'call', event: close.id };
  expect(violations(timeline)).toContainEqual({
    rule: 'cause first',
    what: 'it is over before its cause began',
    event: fin.id,
    cause: close.id,
  });
});

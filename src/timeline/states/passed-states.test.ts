import { expect, test } from 'vitest';
import { buildTimeline } from '../build.ts';
import { both, type Recording, shakeHands, startRecording } from '../fixtures/recording.ts';
import { states } from '../fixtures/telling.ts';

/** The last change of a host, with `…` where ss has not seen all. */
const lastOf = (recording: Recording, host: 'client' | 'server') => {
  const change = states(buildTimeline(recording.end()), host).at(-1);
  return { change, words: `${change?.from} ${change?.unseen ? '… ' : ''}${change?.to}` };
};

/** What `meanwhile` does between two looks at both hosts. */
const between = (
  [before, after]: [ReturnType<typeof both>, ReturnType<typeof both>],
  meanwhile: (recording: Recording) => void,
  recording = startRecording(),
) => {
  recording.sample(before);
  meanwhile(recording);
  recording.sample(after);
  return recording;
};

const synReceived = (isAcknowledged: boolean) => {
  const recording = startRecording();
  recording.sample(both());
  recording.send('client', { flags: 'S' });
  recording.send('server', { flags: 'S.', ack: 1 });
  return between(
    [both('ESTAB', 'SYN-RECV'), both()],
    ({ send }) => {
      if (isAcknowledged) send('client', { flags: '.', seq: 1, ack: 1 });
      send('server', { flags: 'R.', seq: 1, ack: 1 });
    },
    recording,
  );
};

test('with the ACK of its SYN an end was ESTABLISHED, however soon it was CLOSED', () => {
  expect(lastOf(synReceived(true), 'server').words).toBe('SYN-RECEIVED … CLOSED');
  expect(lastOf(synReceived(false), 'server').words).toBe('SYN-RECEIVED CLOSED');
  const synSent = (flags: 'S.' | 'R.') => {
    const recording = startRecording();
    recording.sample(both());
    recording.send('client', { flags: 'S' });
    return between(
      [both('SYN-SENT'), both()],
      ({ send }) => {
        send('server', { flags, seq: 0, ack: 1 });
        if (flags === 'S.') send('client', { flags: 'R.', seq: 1, ack: 1 });
      },
      recording,
    );
  };
  expect(lastOf(synSent('S.'), 'client').words).toBe('SYN-SENT … CLOSED');
  expect(lastOf(synSent('R.'), 'client').words).toBe('SYN-SENT CLOSED');
});

test('a FIN that was sent before the ACK of the SYN had come leaves ESTABLISHED out, one that came after it does not', () => {
  const openedByBoth = (acknowledges: 'before' | 'after') => {
    const recording = startRecording();
    recording.sample(both(undefined, undefined, false));
    recording.send('client', { flags: 'S' });
    recording.send('server', { flags: 'S' });
    recording.send('client', { flags: 'S.', ack: 1 });
    return between(
      [both('SYN-RECV', 'SYN-RECV', false), both('FIN-WAIT-1', 'ESTAB', false)],
      ({ send }) => {
        if (acknowledges === 'before') send('server', { flags: 'S.', ack: 1 });
        send('client', { flags: 'F.', seq: 1, ack: 1 });
        if (acknowledges === 'after') send('server', { flags: 'S.', ack: 1 });
      },
      recording,
    );
  };
  expect(lastOf(openedByBoth('before'), 'client').words).toBe('SYN-RECEIVED … FIN-WAIT-1');
  expect(lastOf(openedByBoth('after'), 'client').words).toBe('SYN-RECEIVED FIN-WAIT-1');
});

/** The client closes; the server answers in these segments, and ss then sees the client in `end`. */
const closing = (
  from: 'FIN-WAIT-1' | 'FIN-WAIT-2',
  answers: { flags: string; seq: number; ack?: number }[],
  end?: string,
  overflows = 0,
) => {
  const recording = startRecording();
  shakeHands(recording);
  recording.send('client', { flags: 'F.', seq: 1, ack: 1 });
  if (from === 'FIN-WAIT-2') recording.send('server', { flags: '.', seq: 1, ack: 2 });
  return between(
    [both(from, 'CLOSE-WAIT'), both(end)],
    ({ send, count, after }) => {
      if (overflows > 0) count('client', 'TcpExt.TCPTimeWaitOverflow', overflows);
      for (const answer of answers) send('server', answer);
      after(20);
    },
    recording,
  );
};
const ack = { flags: '.', seq: 1, ack: 2 };
const fin = { flags: 'F.', seq: 1, ack: 2 };
const finAlone = { flags: 'F.', seq: 1, ack: 1 };
const reset = { flags: 'R', seq: 1 };

test('both FINs lead to TIME-WAIT: whoever is CLOSED then has been in it, unless the kernel counted that there was no room', () => {
  for (const from of ['FIN-WAIT-1', 'FIN-WAIT-2'] as const) {
    const { change, words } = lastOf(closing(from, [fin]), 'client');
    expect(words).toBe(`${from} … CLOSED`);
    expect(change?.cause).toEqual({ kind: 'unknown' });
    const [earliest, latest] = change?.between ?? [];
    expect((latest ?? 0) - (earliest ?? 0)).toBeGreaterThan(20e6); // TIME-WAIT may have ended at any moment
    expect(lastOf(closing(from, [fin], undefined, 1), 'client').words).toBe(`${from} CLOSED`);
  }
});

test('what came one after the other is passed one after the other', () => {
  expect(lastOf(closing('FIN-WAIT-1', [ack, reset]), 'client').words).toBe('FIN-WAIT-1 … CLOSED');
  expect(lastOf(closing('FIN-WAIT-1', [reset]), 'client').words).toBe('FIN-WAIT-1 CLOSED');
  expect(lastOf(closing('FIN-WAIT-2', [reset]), 'client').words).toBe('FIN-WAIT-2 CLOSED');
  expect(lastOf(closing('FIN-WAIT-2', [fin, { ...reset, seq: 2 }]), 'client').words).toBe('FIN-WAIT-2 … CLOSED');
  expect(lastOf(closing('FIN-WAIT-1', [fin], 'TIME-WAIT'), 'client').words).toBe('FIN-WAIT-1 TIME-WAIT');
  expect(lastOf(closing('FIN-WAIT-1', [ack, fin], 'TIME-WAIT'), 'client').words).toBe('FIN-WAIT-1 … TIME-WAIT');
  expect(lastOf(closing('FIN-WAIT-1', [finAlone, { ...ack, seq: 2 }], 'TIME-WAIT'), 'client').words).toBe(
    'FIN-WAIT-1 … TIME-WAIT',
  );
});

test('what arrives after a reset reaches no socket', () => {
  expect(lastOf(closing('FIN-WAIT-1', [reset, fin]), 'client').words).toBe('FIN-WAIT-1 CLOSED');
});

test('without a segment a timer or a call led to CLOSED', () => {
  expect(lastOf(closing('FIN-WAIT-1', []), 'client').words).toBe('FIN-WAIT-1 CLOSED');
});

test('data that nobody can read any more end an orphan: what arrives after them reaches no socket', () => {
  const after = startRecording();
  shakeHands(after);
  after.send('client', { flags: 'F.', seq: 1, ack: 1 });
  between(
    [both('FIN-WAIT-1', 'CLOSE-WAIT'), both()],
    ({ send }) => {
      send('server', { flags: 'P.', seq: 1, ack: 2, payload: 're' });
      send('client', { flags: 'R', seq: 2 });
      send('server', { flags: 'F.', seq: 3, ack: 2 });
    },
    after,
  );
  const { change, words } = lastOf(after, 'client');
  expect(words).toBe('FIN-WAIT-1 … CLOSED');
  const data = buildTimeline(after.end()).events.find((one) => one.kind === 'segment' && one.length > 0);
  expect(change?.cause).toEqual({ kind: 'segment', event: data?.id });
});

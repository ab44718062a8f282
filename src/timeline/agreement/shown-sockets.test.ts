import { expect, test } from 'vitest';
import { buildTimeline } from '../build.ts';
import { both, type Recording, shakeHands, startRecording } from '../fixtures/recording.ts';

const gaps = (record: (recording: Recording) => void) => {
  const recording = startRecording();
  shakeHands(recording);
  record(recording);
  return buildTimeline(recording.end()).gaps.map(({ witness, host, reason }) => `${witness} ${host}: ${reason}`);
};
const say = (recording: Recording, seq: number, payload = 'hello') =>
  recording.send('client', { flags: 'P.', seq, ack: 1, payload });

test('a socket that sends before and after a look is in it', () => {
  const found = gaps((recording) => {
    say(recording, 1);
    recording.sample(both(undefined, 'ESTAB'));
    say(recording, 6);
  });
  expect(found).toEqual([
    'ss client: in 1 sample ss shows no socket where by its segments the client had one (192.0.2.1:40000 to 192.0.2.2:50000)',
  ]);
});

test('one that has sent its last segment, or resets, need not be', () => {
  const closed = (flags: string) => (recording: Recording) => {
    recording.after(200);
    say(recording, 1);
    recording.sample(both(undefined, 'ESTAB'));
    recording.send('client', { flags, seq: 6 });
  };
  expect(gaps(closed('R'))).toEqual([]);
});

test('one whose handshake is complete is there at first, whatever it sends', () => {
  const after = (milliseconds: number) => (recording: Recording) => {
    recording.after(milliseconds);
    recording.sample(both(undefined, 'ESTAB'));
  };
  expect(gaps(after(2))).toHaveLength(1);
  expect(gaps(after(200))).toHaveLength(1);
  expect(gaps(after(1000))).toEqual([]); // its keepalive may have ended it
  const unanswered = gaps((recording) => {
    say(recording, 1);
    after(200)(recording);
  });
  expect(unanswered).toEqual([]); // it may have given up since
  const closed = gaps((recording) => {
    recording.call('client', { api: 'close' });
    after(2)(recording);
  });
  expect(closed).toEqual([]);
});

test('nor one that answers a SYN once more: that is another socket', () => {
  const found = gaps((recording) => {
    recording.send('server', { flags: 'R', seq: 1 });
    recording.sample(both('ESTAB', undefined));
    recording.send('client', { flags: 'S' });
    recording.send('server', { flags: 'S.', ack: 1 });
  });
  expect(found).toEqual([]);
});

const counted = (info: string) => both({ state: 'ESTAB', info }, 'ESTAB');

test('bytes a socket has sent or received are in the captures', () => {
  const after = (info: string) =>
    gaps((recording) => {
      say(recording, 1);
      recording.sample(counted(info));
    });
  expect(after('bytes_sent:5')).toEqual([]);
  expect(after('bytes_sent:6')).toEqual([
    'tcpdump client: by ss a socket of the client has sent or received more bytes than client.pcap holds of its connection (192.0.2.1:40000 to 192.0.2.2:50000)',
  ]);
  expect(after('bytes_sent:5 bytes_received:1')).toHaveLength(1);
});

test('what a host sends while its link is down no capture has', () => {
  const found = gaps((recording) => {
    recording.operation('link', { host: 'client', state: 'down' });
    recording.sample(counted('bytes_sent:6'));
  });
  expect(found).toEqual([]);
});

test('a FIN counts as a byte received', () => {
  const found = gaps((recording) => {
    recording.send('server', { flags: 'F.', seq: 1, ack: 1 });
    recording.sample(both({ state: 'CLOSE-WAIT', info: 'bytes_received:1' }, 'FIN-WAIT-1'));
  });
  expect(found).toEqual([]);
});

test('with SYN cookies there may be none after a third segment that was refused', () => {
  const refused = (cookies: number) =>
    gaps((recording) => {
      recording.count('server', 'TcpExt.SyncookiesSent', cookies);
      recording.sample(both('ESTAB', undefined));
      recording.after(2);
      recording.sample(both('ESTAB', undefined));
      say(recording, 1);
      recording.send('server', { flags: '.', seq: 1, ack: 6 });
    });
  expect(refused(0)).toHaveLength(1);
  expect(refused(1)).toEqual([]);
});

import { expect, test } from 'vitest';
import { closeTimeline } from '../fixtures/close.ts';
import { simultaneousTimeline } from '../fixtures/simultaneous.ts';
import { describeEvent } from './one-line.ts';

test('every kind of event has one line', () => {
  const lines = [closeTimeline(), simultaneousTimeline()].flatMap(({ events }) =>
    events.map((event) => describeEvent(event)),
  );
  expect(lines).toMatchInlineSnapshot(`
    [
      "e1 (1.0 ms) server listen(50000)",
      "e2 (3.0 ms) server LISTEN on port 50000",
      "e3 (60 ms) stage begins: open",
      "e4 (61 ms) client connect(server, 50000)",
      "e5 (62 ms) client CLOSED → SYN-SENT for 10 ms",
      "e6 (63 ms) client → server S 0:0(0)",
      "e7 (68 ms) server CLOSED → SYN-RECEIVED for 15 ms",
      "e8 (67 ms) server → client S. 0:0(0) ack 1",
      "e9 (73 ms) client → server . 1:1(0) ack 1",
      "e10 (74 ms) client SYN-SENT → ESTABLISHED for 140 ms",
      "e11 (83 ms) server SYN-RECEIVED → ESTABLISHED for 130 ms",
      "e12 (84 ms) server 'connection'",
      "e13 (85 ms) client 'connect'",
      "e14 (140 ms) client write("hello")",
      "e15 (141 ms) client → server P. 1:6(5) ack 1 "hello"",
      "e16 (150 ms) server 'data' 5 bytes "hello"",
      "e17 (151 ms) server → client . 1:1(0) ack 6, delayed-ACK timer",
      "e18 (205 ms) stage begins: close",
      "e19 (206 ms) wire: drop, once, segments from client that fit the condition at my.ts:31",
      "e20 (214 ms) client end()",
      "e21 (214 ms) client ↳ shutdown()",
      "e22 (215 ms) client → server F. 6:6(0) ack 1",
      "e23 (215 ms) client ESTABLISHED → FIN-WAIT-1 for 9.0 ms",
      "e24 (216 ms) server ESTABLISHED → CLOSE-WAIT for 3.0 ms",
      "e25 (218 ms) server → client . 1:1(0) ack 7",
      "e26 (222 ms) client FIN-WAIT-1 → FIN-WAIT-2 for 6.0 ms",
      "e27 (223 ms) server 'end'",
      "e28 (223 ms) server ↳ shutdown()",
      "e29 (224 ms) server CLOSE-WAIT → LAST-ACK for 230 ms",
      "e30 (224 ms) server → client F. 1:1(0) ack 7",
      "e31 (228 ms) client FIN-WAIT-2 → TIME-WAIT for 60.1 s",
      "e32 (229 ms) client → server . 7:7(0) ack 2, lost",
      "e33 (229 ms) client 'close'",
      "e34 (433 ms) server → client F. 1:1(0) ack 7, RTO: retransmission of e30",
      "e35 (438 ms) client → server . 7:7(0) ack 2",
      "e36 (445 ms) server LAST-ACK → CLOSED",
      "e37 (446 ms) server 'close'",
      "e38 (500 ms) Nothing is left to do for the client but to wait.",
      "e39 (60.3 s) client TIME-WAIT → CLOSED, timewait timer",
      "e1 (1.0 ms) server recv(5, 100) = 0",
      "e2 (10 ms) wire: hold, FIN",
      "e3 (20 ms) client shutdown(3, SHUT_WR)",
      "e4 (21 ms) client → server F. 1:1(0) ack 1",
      "e5 (22 ms) client ESTABLISHED → FIN-WAIT-1 for 140 ms",
      "e6 (80 ms) server close(5)",
      "e7 (81 ms) server → client F. 1:1(0) ack 1",
      "e8 (82 ms) server ESTABLISHED → FIN-WAIT-1 for 80 ms",
      "e9 (140 ms) wire: release frame 101 frame 102",
      "e10 (155 ms) server FIN-WAIT-1 → CLOSING for 20 ms",
      "e11 (156 ms) server → client . 2:2(0) ack 2",
      "e12 (165 ms) client FIN-WAIT-1 → CLOSING for 5.0 ms",
      "e13 (166 ms) client → server . 2:2(0) ack 2",
      "e14 (172 ms) client CLOSING → TIME-WAIT",
      "e15 (240 ms) server kill(SIGKILL)",
      "e16 (250 ms) server process killed by SIGKILL",
      "e17 (300 ms) client connect(4, server, 50000) = -1 ECONNREFUSED",
      "e18 (301 ms) client → server S 0:0(0)",
      "e19 (305 ms) server → client R. 0:0(0) ack 1",
      "e20 (400 ms) client → server P. 1:101(100) ack 1, injected",
    ]
  `);
});

test('what a program printed cannot move the cursor', () => {
  const line = describeEvent({
    id: 'e1',
    at: 0,
    step: 1,
    kind: 'output',
    host: 'client',
    process: 'nc',
    stream: 'stdout',
    text: 'a\x1b[2Jb\nc\n',
  });
  expect(line).toBe('e1 (0 ms) client nc stdout: a\\x1b[2Jb\\nc');
});

test('a segment of multipath TCP says so', () => {
  const segment = closeTimeline().events.find((event) => event.kind === 'segment');
  if (segment?.kind !== 'segment') throw new Error('there is no segment');
  expect(describeEvent({ ...segment, options: { ...segment.options, other: [30] } })).toMatch(/, MPTCP$/);
});

test('of a program of many lines the first is told', () => {
  const start = {
    id: 'e1',
    at: 0,
    step: 1,
    kind: 'process',
    host: 'client',
    process: 'python3',
    edge: 'start',
  } as const;
  const told = (command: string) => describeEvent({ ...start, pid: 7, command } as never);
  expect(told('python3 -c import socket\nprint(1)\n')).toMatch(/\$ python3 -c import socket …$/);
  expect(told('nc -l 50000')).toMatch(/\$ nc -l 50000$/);
});

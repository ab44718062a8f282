import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { trackConnections } from './connections.ts';
import { decodeFrame, encodeSegment, type SegmentFields } from './frame.ts';
import { notation } from './notation.ts';
import type { Segment } from './segment.ts';

type Line = [side: 'client' | 'server', flags: string, seq: number, ack: number, length?: number];
const ports = { client: 40000, server: 50000 };

/** Feed segments to a tracker; each becomes `connection side notation`. */
const follow = (lines: Line[]) => {
  const tracker = trackConnections();
  const texts = lines.map(([side, flags, seq, ack, length = 0]) => {
    const segment = made(side, { flags, seq, ack, payload: new Uint8Array(length) });
    const placed = tracker.place(segment);
    expect(placed.from).toBe(side);
    return `${placed.connection.number} ${side} ${notation({ ...placed, flags, length })}`;
  });
  return { texts, connections: tracker.connections };
};

describe('a SYN that somebody has made up', () => {
  const handshake = exchange(1000, 5000).slice(0, 4);
  let reset: number | undefined;
  const forge = (lines: Line[], ...after: Line[]) => {
    const tracker = trackConnections();
    const place = ([side, flags, seq, ack, length = 0]: Line, isMade = false) => {
      const segment = made(side, { flags, seq, ack, payload: new Uint8Array(length) });
      return tracker.place(segment, isMade).connection.number;
    };
    for (const line of lines) place(line);
    if (reset !== undefined) place(['client', 'R', reset, 0], true);
    return [place(['client', 'S', 90_000, 0], true), ...after.map((line) => place(line))];
  };

  test('belongs to the connection that is open, and leaves its numbers as they are', () => {
    expect(forge(handshake, ['server', '.', 5001, 1006], ['client', 'P.', 1006, 5001, 3])).toEqual([0, 0, 0]);
  });

  test('begins another where the host answers with a number of its own, and where that one is over', () => {
    expect(forge(handshake, ['server', 'S.', 70_000, 90_001], ['client', 'R', 90_001, 0])).toEqual([0, 1, 1]);
    expect(forge(exchange(1000, 5000), ['server', 'S.', 70_000, 90_001])).toEqual([1, 1]);
  });

  test('is not over by a reset that was made up as well, but with the number that is expected', () => {
    reset = 1100;
    expect(forge(handshake)).toEqual([0]);
    reset = 1006;
    expect(forge(handshake)).toEqual([1]);
  });
});

const made = (side: 'client' | 'server', fields: Partial<SegmentFields>): Segment => {
  const client = { address: '192.0.2.1', port: ports.client };
  const server = { address: '192.0.2.2', port: ports.server };
  const [source, destination] = side === 'client' ? [client, server] : [server, client];
  const frame = encodeSegment({
    sourceAddress: source.address,
    sourcePort: source.port,
    destinationAddress: destination.address,
    destinationPort: destination.port,
    ...fields,
  });
  return decodeFrame(frame) as Segment;
};

const exchange = (client: number, server: number): Line[] => [
  ['client', 'S', client, 0],
  ['server', 'S.', server, client + 1],
  ['client', '.', client + 1, server + 1],
  ['client', 'P.', client + 1, server + 1, 5],
  ['server', '.', server + 1, client + 6],
  ['server', 'F.', server + 1, client + 6],
  ['client', 'F.', client + 6, server + 2],
  ['server', '.', server + 2, client + 7],
];

const exchangeTexts = (number: number) => [
  `${number} client S 0:0(0)`,
  `${number} server S. 0:0(0) ack 1`,
  `${number} client . 1:1(0) ack 1`,
  `${number} client P. 1:6(5) ack 1`,
  `${number} server . 1:1(0) ack 6`,
  `${number} server F. 1:1(0) ack 6`,
  `${number} client F. 6:6(0) ack 2`,
  `${number} server . 2:2(0) ack 7`,
];

describe('one connection', () => {
  test('is counted from its two initial sequence numbers', () => {
    const { texts, connections } = follow(exchange(1000, 9000));
    expect(texts).toEqual(exchangeTexts(0));
    expect(connections).toEqual([
      {
        number: 0,
        client: { address: '192.0.2.1', port: 40000 },
        server: { address: '192.0.2.2', port: 50000 },
        opener: 'client',
        isn: { client: 1000, server: 9000 },
      },
    ]);
  });

  test('is counted on where the sequence numbers wrap around, wherever it began', () => {
    const isn = fc.oneof(fc.integer({ min: 0xfffffff0, max: 0xffffffff }), fc.integer({ min: 0, max: 0xffffffff }));
    fc.assert(
      fc.property(isn, isn, (client, server) => {
        expect(follow(exchange(client, server)).texts).toEqual(exchangeTexts(0));
      }),
    );
  });

  test('grows beyond 4 GiB', () => {
    const tracker = trackConnections();
    tracker.place(made('client', { flags: 'S', seq: 7 }));
    let last = 0;
    for (let gigabyte = 1; gigabyte <= 6; gigabyte++) {
      last = tracker.place(made('client', { flags: '.', seq: 8 + gigabyte * 2 ** 30, ack: 1 })).seq;
    }
    expect(last).toBe(1 + 6 * 2 ** 30);
  });

  test('names the server as opener when the server connects', () => {
    const { texts, connections } = follow([
      ['server', 'S', 500, 0],
      ['client', 'S.', 800, 501],
      ['server', '.', 501, 801],
    ]);
    expect(texts).toEqual(['0 server S 0:0(0)', '0 client S. 0:0(0) ack 1', '0 server . 1:1(0) ack 1']);
    expect(connections[0]?.opener).toBe('server');
  });

  test('counts a keepalive probe one before what is expected, and numbers before the SYN negative', () => {
    const lines: Line[] = [
      ...exchange(1000, 9000).slice(0, 3),
      ['client', '.', 1000, 9001],
      ['client', '.', 990, 9001],
    ];
    expect(follow(lines).texts.slice(3)).toEqual(['0 client . 0:0(0) ack 1', '0 client . -10:-10(0) ack 1']);
  });

  test('counts data in a SYN from 1, as RFC 7413 has it', () => {
    const { texts } = follow([
      ['client', 'S', 1000, 0, 4],
      ['server', 'S.', 9000, 1005],
      ['client', '.', 1005, 9001],
    ]);
    expect(texts).toEqual(['0 client S 0:4(4)', '0 server S. 0:0(0) ack 5', '0 client . 5:5(0) ack 1']);
  });
});

describe('the handshake', () => {
  test('a SYN sent again stays in its connection', () => {
    const { texts, connections } = follow([
      ['client', 'S', 1000, 0],
      ['client', 'S', 1000, 0],
      ['server', 'S.', 9000, 1001],
      ['server', 'S.', 9000, 1001],
    ]);
    expect(texts).toEqual([
      '0 client S 0:0(0)',
      '0 client S 0:0(0)',
      '0 server S. 0:0(0) ack 1',
      '0 server S. 0:0(0) ack 1',
    ]);
    expect(connections.length).toBe(1);
  });

  test('two SYNs that cross open one connection', () => {
    const { texts, connections } = follow([
      ['client', 'S', 1000, 0],
      ['server', 'S', 9000, 0],
      ['client', 'S.', 1000, 9001],
      ['server', 'S.', 9000, 1001],
      ['client', '.', 1001, 9001],
    ]);
    expect(texts).toEqual([
      '0 client S 0:0(0)',
      '0 server S 0:0(0)',
      '0 client S. 0:0(0) ack 1',
      '0 server S. 0:0(0) ack 1',
      '0 client . 1:1(0) ack 1',
    ]);
    expect(connections[0]?.opener).toBe('client');
  });

  test('a closed port answers with 0 and ack 1, and the next attempt is another connection', () => {
    const { texts } = follow([
      ['client', 'S', 1000, 0],
      ['server', 'R.', 0, 1001],
      ['client', 'S', 5000, 0],
      ['server', 'R.', 0, 5001],
    ]);
    expect(texts).toEqual([
      '0 client S 0:0(0)',
      '0 server R. 0:0(0) ack 1',
      '1 client S 0:0(0)',
      '1 server R. 0:0(0) ack 1',
    ]);
  });

  test('a listener that forgot the SYN may answer its repetition with another number', () => {
    const { texts, connections } = follow([
      ['client', 'S', 1000, 0],
      ['server', 'S.', 9000, 1001],
      ['client', 'S', 1000, 0],
      ['server', 'S.', 9999, 1001],
      ['client', '.', 1001, 10000],
    ]);
    expect(texts.slice(3)).toEqual(['0 server S. 0:0(0) ack 1', '0 client . 1:1(0) ack 1']);
    expect(connections[0]?.isn).toEqual({ client: 1000, server: 9999 });
  });

  test('an old duplicate SYN is told apart (RFC 9293, figure 8)', () => {
    const { texts } = follow([
      ['client', 'S', 100, 0],
      ['client', 'S', 90, 0],
      ['server', 'S.', 300, 91],
      ['client', 'R', 91, 0],
      ['server', 'S.', 400, 101],
      ['client', '.', 101, 401],
    ]);
    expect(texts).toEqual([
      '0 client S 0:0(0)',
      '1 client S 0:0(0)',
      '1 server S. 0:0(0) ack 1',
      '1 client R 1:1(0)',
      '0 server S. 0:0(0) ack 1',
      '0 client . 1:1(0) ack 1',
    ]);
  });
});

describe('a four-tuple used again', () => {
  test('gives a new connection', () => {
    const { texts } = follow([...exchange(1000, 9000), ...exchange(70000, 80000)]);
    expect(texts).toEqual([...exchangeTexts(0), ...exchangeTexts(1)]);
  });

  // Linux chooses the next number 65,537 above the last one of a TIME-WAIT socket (tcp_twsk_unique).
  test('leaves late segments to the connection their numbers belong to', () => {
    const later: Line[] = [
      ['server', 'F.', 9001, 1006],
      ['client', '.', 1007, 9002],
      ['client', 'P.', 1001, 9001, 5],
      ['client', 'S', 1000, 0],
      ['client', '.', 66551, 80001],
    ];
    const { texts } = follow([...exchange(1000, 9000), ...exchange(66545, 80000), ...later]);
    expect(texts.slice(16)).toEqual([
      '0 server F. 1:1(0) ack 6',
      '0 client . 7:7(0) ack 2',
      '0 client P. 1:6(5) ack 1',
      '0 client S 0:0(0)',
      '1 client . 6:6(0) ack 1',
    ]);
  });

  // RFC 9293, section 3.5.1: one side crashed, its SYN meets a connection the other side still holds.
  test('leaves a challenge ACK and the RST it provokes to the connection still held', () => {
    const { texts } = follow([
      ...exchange(1000, 9000).slice(0, 5),
      ['client', 'S', 5_000_000, 0],
      ['server', '.', 9001, 1006],
      ['client', 'R', 1006, 0],
      ['client', 'S', 5_000_000, 0],
      ['server', 'S.', 6_000_000, 5_000_001],
    ]);
    expect(texts.slice(5)).toEqual([
      '1 client S 0:0(0)',
      '0 server . 1:1(0) ack 6',
      '0 client R 6:6(0)',
      '1 client S 0:0(0)',
      '1 server S. 0:0(0) ack 1',
    ]);
  });
});

describe('a connection whose SYN nobody saw', () => {
  test('is counted so that data begins at 1', () => {
    const { texts, connections } = follow([
      ['client', 'P.', 1001, 9001, 5],
      ['server', '.', 9001, 1006],
    ]);
    expect(texts).toEqual(['0 client P. 1:6(5) ack 1', '0 server . 1:1(0) ack 6']);
    expect(connections[0]).not.toHaveProperty('opener');
  });

  test('whose SYN-ACK came first has its opener all the same', () => {
    const { texts, connections } = follow([['server', 'S.', 9000, 1001]]);
    expect(texts).toEqual(['0 server S. 0:0(0) ack 1']);
    expect(connections[0]).toMatchObject({ opener: 'client', isn: { client: 1000, server: 9000 } });
  });

  test('may be a single RST', () => {
    expect(follow([['server', 'R', 5000, 0]]).texts).toEqual(['0 server R 1:1(0)']);
    expect(follow([['server', 'R.', 0, 5000]]).texts).toEqual(['0 server R. 0:0(0) ack 1']);
  });
});

test('invented segments do not move the count', () => {
  const { texts } = follow([
    ...exchange(1000, 9000).slice(0, 4),
    ['client', '.', 1000 + 1.5 * 2 ** 30, 9001, 10],
    ['client', '.', 1000 + 3 * 2 ** 30, 9001, 10],
    ['server', 'S.', 777, 12345],
    ['server', 'R', 123, 0],
    ...exchange(1000, 9000).slice(4),
  ]);
  expect(texts.slice(-4)).toEqual(exchangeTexts(0).slice(4));
});

test('addresses other than the hosts of the lab are followed as well', () => {
  const tracker = trackConnections();
  const ends = { sourceAddress: '10.0.0.9', sourcePort: 1, destinationAddress: '10.0.0.8', destinationPort: 2 };
  const back = { sourceAddress: '10.0.0.8', sourcePort: 2, destinationAddress: '10.0.0.9', destinationPort: 1 };
  const place = (fields: SegmentFields) => tracker.place(decodeFrame(encodeSegment(fields)) as Segment);
  expect(place({ ...ends, flags: 'S', seq: 5 })).toMatchObject({ from: 'server', connection: { number: 0 }, seq: 0 });
  expect(place({ ...back, flags: 'S.', seq: 9, ack: 6 })).toMatchObject({
    from: 'client',
    connection: { number: 0 },
    ack: 1,
  });
});

test('segments of any kind never throw', () => {
  const number = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 0xffffffff }));
  const flags = fc.subarray([...'FSRP.U']).map((letters) => letters.join(''));
  const line = fc.tuple(fc.constantFrom('client' as const, 'server' as const), flags, number, number, fc.nat(3));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const { connections } = follow(lines as Line[]);
      expect(connections.map((connection) => connection.number)).toEqual(connections.map((_, index) => index));
    }),
  );
});

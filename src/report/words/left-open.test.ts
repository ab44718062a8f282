import { expect, test } from 'vitest';
import type { Descriptor, Timeline } from '../../timeline/schema.ts';
import { closeTimeline } from '../fixtures/close.ts';
import { drawLeftOpen } from './left-open.ts';

const screen = { width: 200, colour: false, unicode: true, isTerminal: false };
const timeline = closeTimeline();
const ends = timeline.connections[0] as Timeline['connections'][number];
const held = (fields: Partial<Descriptor>): Descriptor => ({
  ...{ host: 'server', process: 'app', pid: 7, fd: 22, connection: 0, local: ends.server, remote: ends.client },
  ...{ from: 1e6, how: 'accept' },
  ...fields,
});
const sample = (state: 'CLOSE-WAIT' | 'ESTABLISHED', recvQ: number): Timeline['samples'][number] => ({
  ...{ id: 's900', host: 'server', begin: 9e6, end: 10e6, reason: 'watch', ok: true },
  rows: [
    {
      ...{ state, recvQ, sendQ: 0, local: ends.server, peer: ends.client, inode: 5, cookie: 'a', info: {}, raw: '' },
    },
  ],
});
const drawn = (descriptors: Descriptor[] | undefined, ...samples: Timeline['samples']) =>
  drawLeftOpen({ ...timeline, ...(descriptors && { descriptors }), samples, events: [], duration: 30e6 }, screen);

test('what was closed is not left open, nor is anything known where nobody was traced', () => {
  expect(drawn(undefined)).toEqual([]);
  expect(drawn([held({ until: 20e6, ended: 'close' })], sample('ESTABLISHED', 0))).toEqual([]);
});

test('a connection that lasted to the end of its process, with what was unread', () => {
  const own = held({ until: 20e6, ended: 'exit' });
  expect(drawn([own], sample('ESTABLISHED', 12))).toEqual([
    ' server  #0    ESTABLISHED; app (pid 7, descriptor 22) since 1.0 ms; 12 bytes unread',
  ]);
  expect(drawn([own], sample('CLOSE-WAIT', 13))[0]).toContain('CLOSE-WAIT; app');
  expect(drawn([own], sample('CLOSE-WAIT', 13))[0]).toContain('; 12 bytes and the end of the stream unread');
  expect(drawn([own], sample('CLOSE-WAIT', 0))[0]).toContain('; all read, to the end of the stream');
});

test('two that have the same socket stand together, and what nobody saw is said', () => {
  const child = held({ process: 'app[9]', pid: 9, how: 'fork' });
  expect(drawn([held({}), child])).toEqual([
    ' server  #0    its state at the end nobody saw; app (pid 7, descriptor 22) since 1.0 ms and app[9] (pid 9, descriptor 22) since 1.0 ms',
  ]);
});

import { expect, test } from 'vitest';
import { ofTwo } from '../record/fixtures/of-two.ts';
import type { SocketRow } from '../record/samples.ts';
import type { TcpState } from '../record/tcp-state.ts';
import { targetsOf, watchFor } from './target.ts';

test.each([
  ['TIME-WAIT', [{ state: 'TIME-WAIT' }]],
  ['time_wait', [{ state: 'TIME-WAIT' }]],
  ['timew', [{ state: 'TIME-WAIT' }]],
  ['finwait2', [{ state: 'FIN-WAIT-2' }]],
  ['close-', [{ state: 'CLOSE-WAIT' }]],
  ['closed', [{ state: 'CLOSED' }]],
  ['server last', [{ state: 'LAST-ACK', host: 'server' }]],
  ['fin', [{ state: 'FIN-WAIT-1' }, { state: 'FIN-WAIT-2' }]],
  ['established!', [{ state: 'ESTABLISHED' }]],
  ['half-open', []],
])('%s', (typed, targets) => expect(targetsOf(typed)).toEqual(targets));

test('a socket that is in the state already does not count, another one does', () => {
  const { hasCome } = watchFor({ state: 'TIME-WAIT' }, ofTwo({ client: [row('TIME-WAIT', 1)], server: [] }));
  expect(hasCome('client', [row('TIME-WAIT', 1), row('FIN-WAIT-2', 2)])).toBe(false);
  expect(hasCome('client', [row('TIME-WAIT', 1), row('TIME-WAIT', 2)])).toBe(true);
});

test('CLOSED is a row that has gone away', () => {
  const { hasCome } = watchFor({ state: 'CLOSED' }, ofTwo({ client: [], server: [row('LAST-ACK', 1)] }));
  expect(hasCome('client', [])).toBe(false);
  expect(hasCome('server', [row('LAST-ACK', 1)])).toBe(false);
  expect(hasCome('server', [])).toBe(true);
});

test('of one host only, when one is named', () => {
  const { hasCome } = watchFor({ state: 'ESTABLISHED', host: 'server' }, ofTwo({ client: [], server: [] }));
  expect(hasCome('client', [row('ESTABLISHED', 1)])).toBe(false);
  expect(hasCome('server', [row('ESTABLISHED', 1)])).toBe(true);
});

const row = (state: TcpState, port: number): SocketRow => ({
  state,
  recvQ: 0,
  sendQ: 0,
  local: { address: '192.0.2.1', port },
  peer: { address: '192.0.2.2', port: 50000 },
  inode: 0,
  cookie: '',
  info: {},
  raw: '',
});

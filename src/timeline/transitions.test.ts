import { expect, test } from 'vitest';
import type { TcpState } from '../record/tcp-state.ts';
import { isOneTransition, type Surroundings } from './transitions.ts';

const isOne = (from: TcpState, to: TcpState, more: Partial<Surroundings> = {}) =>
  isOneTransition({ from, to }, { isOpener: true, arrived: [], afterFin: 2, span: 1e9, ...more });
const fin = { flags: 'F.', ack: 1 };
const ackOfFin = { flags: '.', ack: 2 };
const finWithAck = { flags: 'F.', ack: 2 };
const reset = { flags: 'R', ack: 0 };

test('the transitions of RFC 9293 are single ones, and of Linux: a passive open is an entry of its own', () => {
  expect(isOne('CLOSED', 'SYN-SENT')).toBe(true);
  expect(isOne('CLOSED', 'SYN-RECEIVED', { isOpener: false })).toBe(true);
  expect(isOne('FIN-WAIT-1', 'TIME-WAIT')).toBe(true);
  expect(isOne('SYN-RECEIVED', 'FIN-WAIT-1', { isOpener: false })).toBe(false);
});

test('what lies further apart hides a state', () => {
  const jumps: [TcpState, TcpState][] = [
    ['CLOSED', 'ESTABLISHED'],
    ['CLOSED', 'TIME-WAIT'],
    ['ESTABLISHED', 'LAST-ACK'],
    ['ESTABLISHED', 'TIME-WAIT'],
    ['SYN-SENT', 'CLOSE-WAIT'],
    ['LISTEN', 'SYN-SENT'],
  ];
  for (const [from, to] of jumps) expect(isOne(from, to), `${from} ${to}`).toBe(false);
});

test('to CLOSED leads a RST or a timer from any state, but not past what a FIN or its ACK must have led to', () => {
  expect(isOne('ESTABLISHED', 'CLOSED', { arrived: [reset] })).toBe(true);
  expect(isOne('ESTABLISHED', 'CLOSED')).toBe(true); // keepalive has given up
  expect(isOne('ESTABLISHED', 'CLOSED', { arrived: [fin] })).toBe(false);
  expect(isOne('FIN-WAIT-1', 'CLOSED', { span: 100e9 })).toBe(true); // the FIN has been sent often enough
  expect(isOne('FIN-WAIT-1', 'CLOSED', { arrived: [ackOfFin] })).toBe(false);
  expect(isOne('LAST-ACK', 'CLOSED', { arrived: [ackOfFin] })).toBe(true);
  expect(isOne('FIN-WAIT-2', 'CLOSED', { arrived: [reset] })).toBe(true);
  expect(isOne('FIN-WAIT-2', 'CLOSED', { arrived: [fin, reset] })).toBe(false); // TIME-WAIT lay in between
});

test('without room for TIME-WAIT it is left out, which is told from a TIME-WAIT that has passed by the time', () => {
  for (const from of ['FIN-WAIT-1', 'FIN-WAIT-2'] as const) {
    expect(isOne(from, 'CLOSED', { arrived: [finWithAck] })).toBe(true);
    expect(isOne(from, 'CLOSED', { arrived: [finWithAck], span: 61e9 })).toBe(false);
  }
  expect(isOne('FIN-WAIT-2', 'CLOSED', { span: 61e9 })).toBe(true); // tcp_fin_timeout
});

test('of a host with itself nothing tells how a connection came to be CLOSED', () => {
  const offWire = { isOpener: false, arrived: [], isOffWire: true, span: 1 };
  for (const from of ['ESTABLISHED', 'CLOSE-WAIT', 'FIN-WAIT-2'] as const)
    expect(isOneTransition({ from, to: 'CLOSED' }, offWire)).toBe(false);
  for (const from of ['LISTEN', 'SYN-SENT', 'LAST-ACK', 'TIME-WAIT'] as const)
    expect(isOneTransition({ from, to: 'CLOSED' }, offWire)).toBe(true);
});

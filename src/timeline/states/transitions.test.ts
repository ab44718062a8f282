import { expect, test } from 'vitest';
import type { TcpState } from '../../record/tcp-state.ts';
import { isDrawn } from './transitions.ts';

const at = (from: TcpState, to: TcpState) => isDrawn({ from, to });

test('the transitions of RFC 9293 are single ones, and of Linux: a passive open is an entry of its own', () => {
  expect(at('CLOSED', 'SYN-SENT')).toBe(true);
  expect(at('CLOSED', 'SYN-RECEIVED')).toBe(true);
  expect(at('FIN-WAIT-1', 'TIME-WAIT')).toBe(true);
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
  for (const [from, to] of jumps) expect(at(from, to), `${from} ${to}`).toBe(false);
});

test('to CLOSED leads a RST, an abort or a timer, from any state', () => {
  for (const from of ['SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'TIME-WAIT'] as const)
    expect(at(from, 'CLOSED')).toBe(true);
});

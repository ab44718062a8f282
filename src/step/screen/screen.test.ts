import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ofTwo } from '../../record/fixtures/of-two.ts';
import type { SocketRow } from '../../record/samples.ts';
import type { TcpState } from '../../record/tcp-state.ts';
import { closeTimeline } from '../../report/fixtures/close.ts';
import type { Screen } from '../../report/words/screen.ts';
import { columns } from '../../report/words/text.ts';
import type { TimelineEvent } from '../../timeline/schema.ts';
import { drawStep } from './screen.ts';
import { timerWords } from './timers.ts';
import type { StepView } from './view.ts';

const screen = (width: number, more: Partial<Screen> = {}): Screen => ({
  width,
  isTerminal: true,
  colour: false,
  unicode: true,
  ...more,
});
const text = (view: StepView, on = screen(100), height = 40) => `${drawStep(view, on, height).join('\n')}\n`;

describe('a FIN that waits to be delivered', () => {
  test.each([60, 80, 100])('at %d columns', async (width) => {
    await expect(text(heldFin(), screen(width))).toMatchFileSnapshot(`fixtures/step-${width}.txt`);
  });

  test('in ASCII has nothing but ASCII', () => {
    expect(text(heldFin(), screen(80, { unicode: false }))).toMatch(/^[\x20-\x7e\n]*$/);
  });

  test.each([40, 60, 80, 132])('no line is wider than %d columns, and colours change no word', (width) => {
    const plain = text(heldFin(), screen(width));
    expect(plain.split('\n').filter((line) => columns(line) > width)).toEqual([]);
    expect(stripVTControlCharacters(text(heldFin(), screen(width, { colour: true })))).toBe(plain);
  });

  test('a low screen keeps what is held and the keys', () => {
    const lines = drawStep(heldFin(), screen(80), 12);
    expect(lines.length).toBeLessThanOrEqual(12);
    expect(lines.join('\n')).toContain('F. 6:6(0) ack 1');
    expect(lines.at(-1)).toContain('? help');
  });

  test('says what the script itself will do with it', () => {
    expect(text({ ...heldFin(), held: { ...heldFin().held, rule: 'drop' } as StepView['held'] })).toContain(
      '! the script loses this segment on the wire',
    );
  });
});

test('a retransmission names the timer that sent it', () => {
  const { events } = closeTimeline();
  const again = events.find((event) => event.kind === 'segment' && event.role === 'retransmission');
  const drawn = text({ ...heldFin(), events, held: holding(again) });
  expect(drawn).toContain('RTO: retransmission of e30');
  expect(drawn).toContain('because the RTO timer of the server has fired');
});

test('a call that waits to be made shows its line of the script', () => {
  const drawn = text({
    ...heldFin(),
    held: { kind: 'call', what: 'client: socket-1.end', place: 'x.ts:16', code: 'await socket.end();' },
    behind: [],
  });
  expect(drawn).toContain('about to be called');
  expect(drawn).toContain('x.ts:16  await socket.end();');
  expect(drawn).toContain('space make the call');
  expect(drawn).not.toContain('x drop');
});

test('of many sockets the connection of the held segment is shown, the others are counted', () => {
  const others = Array.from({ length: 300 }, (_, index) => row('TIME-WAIT', 41000 + index, 50000));
  const drawn = text({
    ...heldFin(),
    rows: ofTwo({ client: [...others, row('FIN-WAIT-1', 40000, 50000)], server: [] }),
  });
  expect(drawn).toContain('FIN-WAIT-1  :40000');
  expect(drawn).toMatch(/and \d+ more: \d+ TIME-WAIT/);
  expect(drawn).toContain('no socket');
});

test('the name of a state while it is typed, with what it can stand for', () => {
  const drawn = text({ ...heldFin(), typed: { text: 'fin', states: ['FIN-WAIT-1', 'FIN-WAIT-2'] } });
  expect(drawn).toContain('to the state: fin_');
  expect(drawn).toContain('→ FIN-WAIT-1, FIN-WAIT-2');
});

test('help explains every key', () => {
  const drawn = text({ ...heldFin(), isHelp: true }, screen(80), 24);
  for (const key of ['space', 'x', 'd', 'n', 's', 'e', 'q']) expect(drawn).toMatch(new RegExp(`^ ${key}\\b`, 'm'));
});

test.each([
  ['on', 'ESTABLISHED', 0, 'retransmits in 180 ms'],
  ['on', 'ESTABLISHED', 2, 'retransmits in 180 ms (3rd time)'],
  ['on', 'FIN-WAIT-1', 11, 'retransmits in 180 ms (12th time)'],
  ['on', 'SYN-SENT', 1, 'resends SYN in 180 ms (2nd time)'],
  ['persist', 'ESTABLISHED', 0, 'probes the window in 180 ms'],
  ['keepalive', 'ESTABLISHED', 0, 'sends a keepalive probe in 180 ms'],
  ['keepalive', 'FIN-WAIT-2', 0, 'leaves FIN-WAIT-2 in 180 ms'],
  ['timewait', 'TIME-WAIT', 0, 'leaves TIME-WAIT in 180 ms'],
] as const)('timer %s in %s after %d retransmissions', (name, state, retransmits, words) => {
  expect(timerWords(row(state, 1, 2, { timer: { name, expiresMs: 200, resolutionMs: 1, retransmits } }), 20)).toBe(
    words,
  );
});

test('a timer that should have fired by now', () => {
  const due = row('ESTABLISHED', 1, 2, { timer: { name: 'on', expiresMs: 200, resolutionMs: 1, retransmits: 0 } });
  expect(timerWords(due, 500)).toBe('retransmits now');
});

const row = (state: TcpState, local: number, peer: number, more: Partial<SocketRow> = {}): SocketRow => ({
  state,
  recvQ: 0,
  sendQ: 0,
  local: { address: '192.0.2.1', port: local },
  peer: { address: '192.0.2.2', port: peer },
  inode: 0,
  cookie: '',
  info: {},
  raw: '',
  ...more,
});

const holding = (event: TimelineEvent | undefined): StepView['held'] => {
  if (event?.kind !== 'segment') throw new Error('There is no such segment.');
  const { frame, from, to, text: words, flags, length } = event;
  const ports = { sourcePort: event.source.port, destinationPort: event.destination.port };
  return { kind: 'segment', frame, from, to, text: words, flags, length, ...ports, waited: 1200 };
};

const heldFin = (): StepView => {
  const { events } = closeTimeline();
  const at = events.findIndex((event) => event.kind === 'segment' && event.text === 'F. 6:6(0) ack 1');
  const timer = { name: 'on', expiresMs: 203, resolutionMs: 1, retransmits: 0 } as const;
  return {
    experiment: 'half-close',
    call: { step: 4, what: 'client: socket-1.end', place: 'half-close.ts:16', code: 'await socket.end();' },
    hosts: ['client', 'server'],
    rows: ofTwo({
      client: [row('FIN-WAIT-1', 40000, 50000, { sendQ: 1, timer })],
      server: [row('LISTEN', 50000, 0, { sendQ: 511 }), row('ESTABLISHED', 50000, 40000, { recvQ: 5 })],
    }),
    ages: ofTwo({ client: 23, server: 20 }),
    events: events.slice(0, at + 2),
    held: holding(events[at]),
    behind: [{ frame: 90, from: 'client', to: 'server', text: 'F. 6:6(0) ack 1' }],
    activity: 'the call is made',
    isHelp: false,
  };
};

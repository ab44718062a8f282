// The hosts as ss shows them: each socket's state, queues and armed timer, side by side, or one beneath the other where
// that is too narrow.
import type { HostName } from '../../record/hosts.ts';
import type { SocketRow } from '../../record/samples.ts';
import { glyphsFor } from '../../report/words/glyphs.ts';
import { painter } from '../../report/words/paint.ts';
import type { Screen } from '../../report/words/screen.ts';
import { cut, fill } from '../../report/words/text.ts';
import { timerWords } from './timers.ts';
import type { StepView } from './view.ts';

/** Of each. */
const narrowest = 35;

/** At most `height` lines. */
export const drawEnds = (view: StepView, screen: Screen, height: number): string[] => {
  const paint = painter(screen.colour);
  const { lifeline } = glyphsFor(screen);
  const { hosts } = view;
  if (screen.width < narrowest * hosts.length) {
    const each = Math.max(2, Math.floor(height / hosts.length));
    return hosts.flatMap((host) => drawEnd(host, view, screen, screen.width - 2, each)).map((line) => ` ${line}`);
  }
  const between = ` ${paint('faint', lifeline)} `;
  const width = Math.floor((screen.width - 2 - 3 * (hosts.length - 1)) / hosts.length);
  const ends = hosts.map((host) => drawEnd(host, view, screen, width, height));
  return Array.from({ length: Math.max(...ends.map((lines) => lines.length)) }, (_, index) =>
    ` ${ends.map((lines) => fill(lines[index] ?? '', width)).join(between)}`.trimEnd(),
  );
};

const drawEnd = (host: HostName, view: StepView, screen: Screen, width: number, height: number): string[] => {
  const paint = painter(screen.colour);
  const mark = glyphsFor(screen).cut;
  const ordered = view.rows[host].toSorted((a, b) => rank(a, view) - rank(b, view));
  const drawn = ordered.map((row) => drawSocket(row, view.ages[host], screen, width));
  const lines = [paint('heading', host)];
  let shown = 0;
  for (const socket of drawn) {
    // One line stays for what is left out, except by the last.
    const needed = shown === drawn.length - 1 ? socket.length : socket.length + 1;
    if (lines.length + needed > height) break;
    lines.push(...socket);
    shown++;
  }
  if (drawn.length === 0) lines.push(paint('faint', 'no socket'));
  if (shown < drawn.length) lines.push(paint('faint', cut(leftOut(ordered.slice(shown)), width, mark)));
  return lines;
};

/** The connection of the held segment first, listeners and TIME-WAIT last. */
const rank = ({ local, peer, state }: SocketRow, { held }: StepView): number => {
  if (held?.kind === 'segment') {
    const ports = [held.sourcePort, held.destinationPort];
    if (ports.includes(local.port) && ports.includes(peer.port)) return 0;
  }
  return state === 'TIME-WAIT' ? 3 : state === 'LISTEN' ? 2 : 1;
};

const drawSocket = (row: SocketRow, age: number, screen: Screen, width: number): string[] => {
  const paint = painter(screen.colour);
  const { becomes, cut: mark } = glyphsFor(screen);
  const { state, local, peer, recvQ, sendQ } = row;
  if (state === 'LISTEN') {
    const words = `  :${local.port}  accept queue ${recvQ} of ${sendQ}`;
    return [paint('state', state) + cut(words, width - state.length, mark)];
  }
  const timer = timerWords(row, age);
  const queues = `  Recv-Q ${recvQ}  Send-Q ${sendQ}`;
  const name = paint('state', state) + cut(`  :${local.port} ${becomes} :${peer.port}`, width - state.length, mark);
  const beside = `${queues}  ${timer ?? 'no timer'}`;
  if (beside.length <= width) return [name, `${queues}  ${paint(timer ? 'warning' : 'faint', timer ?? 'no timer')}`];
  return [
    name,
    cut(queues, width, mark),
    `  ${paint(timer ? 'warning' : 'faint', cut(timer ?? 'no timer', width - 2, mark))}`,
  ];
};

/** `and 3 more: 2 TIME-WAIT, 1 LISTEN` */
const leftOut = (rows: SocketRow[]): string => {
  const counts = [...Map.groupBy(rows, ({ state }) => state)].map(([state, those]) => `${those.length} ${state}`);
  return `and ${rows.length} more: ${counts.join(', ')}`;
};

// What ss saw, sample by sample, one line per socket: only shown when every detail is asked for.
import type { SocketRow } from '../../record/samples.ts';
import type { Timeline } from '../../timeline/schema.ts';
import { glyphsFor } from '../words/glyphs.ts';
import { painter } from '../words/paint.ts';
import type { Screen } from '../words/screen.ts';
import { fill, wrap } from '../words/text.ts';
import { clockFor, span, timerSpan } from '../words/units.ts';

export const drawSamples = ({ samples, duration }: Timeline, screen: Screen): string[] => {
  const paint = painter(screen.colour);
  const clock = clockFor(duration);
  return samples.flatMap(({ id, host, begin, end, reason, ok, rows }) => [
    ` ${paint('faint', fill(id, 6))} ${clock.write(begin).padStart(9)} ${clock.unit} ${paint('heading', fill(host, 6))} ${reason}, took ${span(end - begin)}${ok ? '' : `, ${paint('failed', 'ss failed')}`}`,
    ...rows.flatMap((row) => socketLines(row, screen)),
  ]);
};

const socketLines = (row: SocketRow, screen: Screen): string[] => {
  const paint = painter(screen.colour);
  const { becomes } = glyphsFor(screen);
  const { state, local, peer, recvQ, sendQ, timer, inode } = row;
  const words = [
    peer.port === 0
      ? `${local.address}:${local.port}`
      : `${local.address}:${local.port} ${becomes} ${peer.address}:${peer.port}`,
    `Recv-Q ${recvQ}`,
    `Send-Q ${sendQ}`,
    timer ? `timer ${timer.name} ${timerSpan(timer)}, ${timer.retransmits} retransmits` : 'no timer',
    inode === 0 ? 'no process' : '',
  ];
  const width = screen.isTerminal ? screen.width - 32 : Number.POSITIVE_INFINITY;
  return wrap(words.filter(Boolean).join(', '), Math.max(20, width)).map(
    (line, nth) =>
      `${' '.repeat(18)}${nth === 0 ? paint(state === 'CLOSED' ? 'closed' : 'state', fill(state, 13)) : ' '.repeat(13)}${line}`,
  );
};

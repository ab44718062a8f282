import { expect, test } from 'vitest';
import { createProgress } from './progress.ts';

const watch = (isTerminal: boolean) => {
  const written: string[] = [];
  const clock = { time: 5000 };
  const screen = { width: 70, isTerminal, colour: false, unicode: true };
  const progress = createProgress({
    title: 'half-close',
    screen,
    write: (text) => written.push(text),
    now: () => clock.time,
  });
  return { written, clock, progress };
};

test('a terminal shows something at once, then one line kept up to date', () => {
  const { written, clock, progress } = watch(true);
  expect(written).toEqual(['\r\x1b[2K⠋ half-close · start  0.0 s']);
  progress.phase('run');
  progress.step(3, 'client connect(50000)');
  progress.segment();
  clock.time += 300;
  progress.waiting('FIN-WAIT-2 to end', 4000);
  clock.time += 1000;
  progress.tick();
  expect(written.at(-1)).toBe('\r\x1b[2K⠸ half-close · run · waiting for FIN-WAIT-2 to end · at most…  1.3 s');
  progress.done();
  progress.tick();
  expect(written.at(-1)).toBe('\r\x1b[2K');
});

test('elsewhere a line is written at once, then rarely', () => {
  const { written, clock, progress } = watch(false);
  progress.phase('run');
  progress.step(1, 'client connect(50000)');
  clock.time += 9000;
  progress.tick();
  expect(written).toEqual(['half-close\n']);
  clock.time += 3000;
  progress.tick();
  progress.tick();
  expect(written).toEqual(['half-close\n', 'half-close · run · step 1: client connect(50000) (12.0 s)\n']);
});

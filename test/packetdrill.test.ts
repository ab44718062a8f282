// Scripts in packetdrill's notation against the real kernel: those that hold, those that do not, and those that are refused.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { finwait, projectFolder, readDocument, readTimeline, resultsFolder } from './finwait.ts';

const results = resultsFolder();
const scripts = join(projectFolder, 'test/fixtures/pkt');
const path = (name: string) => join(scripts, `${name}.pkt`);
const play = (name: string, ...more: string[]) =>
  finwait(['packetdrill', path(name), '--results', results, '--json', ...more]);
const findingIn = (stdout: unknown) => readDocument(stdout).runs[0]?.findings[0];
const latest = (name: string) => join(results, `packetdrill-${name}`, 'latest');
const write = (name: string, text: string) => {
  const file = join(results, name);
  writeFileSync(file, text);
  return file;
};

const holding = readdirSync(scripts)
  .map((file) => file.replace('.pkt', ''))
  .filter((name) => !name.startsWith('wrong-'));

describe('a script that holds', () => {
  // A pause after each line would come between the lines of this one; on a machine that is too busy it is undecided, never refuted.
  test.each(holding)('%s', async (name) => {
    const { exitCode, stdout, stderr } = await play(name);
    const finding = findingIn(stdout);
    expect(stderr).toBe('');
    if (finding?.verdict === 'inconclusive') expect(finding.because).toContain('the tool itself was');
    else expect([exitCode, finding?.verdict, finding?.because]).toEqual([0, 'reproduced', expect.any(String)]);
  });
});

describe('a script that does not hold', () => {
  test('names the line, what was expected and what came', async () => {
    const { exitCode, stdout } = await play('wrong-segment', '--lockstep');
    expect(exitCode).toBe(1);
    expect(findingIn(stdout)).toMatchObject({ verdict: 'refuted' });
    const [line] = findingIn(stdout)?.cases ?? [];
    expect(line?.expected).toBe('line 11: +0 > R. 1:1(0) ack 1');
    expect(line?.actual).toBe('F. 1:1(0) ack 1 win 64240: the flags are F. and not R.');
  });

  test('by what a call returned', async () => {
    const { exitCode, stdout } = await play('wrong-result');
    expect(exitCode).toBe(1);
    expect(findingIn(stdout)?.cases[0]).toMatchObject({
      outcome: 'failed',
      expected: expect.stringContaining('line 3: '),
      actual: 'it returned -1 ENOTCONN',
    });
  });

  test('by the time of a segment', async () => {
    const { exitCode, stdout } = await play('wrong-time', '--lockstep');
    expect(exitCode).toBe(1);
    expect(findingIn(stdout)?.cases[0]?.expected).toMatch(/^line 6: \+\.3 > S 0:0\(0\) <\.\.\.> at 0\.\d+ s, between/);
    expect(findingIn(stdout)?.cases[0]?.actual).toMatch(/^it was sent at 1\.\d+ s$/);
  });
});

describe('the record', () => {
  test('shows the states the kernel went through, and nothing of the host the script stands for', async () => {
    await play('half-close', '--lockstep');
    const folder = latest('half-close');
    const { events, samples, gaps } = readTimeline(folder);
    const states = events.flatMap((event) =>
      event.kind === 'state' && event.connection !== undefined ? [event.to] : [],
    );
    expect(states).toEqual(['SYN-RECEIVED', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT']);
    const segments = events.filter((event) => event.kind === 'segment');
    expect(segments.filter(({ from }) => from === 'client').every(({ origin }) => origin === 'inject')).toBe(true);
    expect(segments.filter(({ from }) => from === 'server').every(({ receivedAt }) => receivedAt !== undefined)).toBe(
      true,
    );
    expect(samples.filter(({ host }) => host === 'client').flatMap(({ rows }) => rows)).toEqual([]);
    expect(gaps).toEqual([]);
    expect(readFileSync(join(folder, 'script.pkt'), 'utf8')).toBe(readFileSync(path('half-close'), 'utf8'));
  });

  test('is analysed again from its files alone, to the same verdict', async () => {
    const copy = join(results, 'copy');
    mkdirSync(copy, { recursive: true });
    await play('wrong-segment', '--lockstep');
    const folder = latest('wrong-segment');
    for (const file of readdirSync(folder)) copyFileSync(join(folder, file), join(copy, file));
    const { exitCode, stderr, stdout } = await finwait(['analyze', copy, '--json']);
    expect(stderr).toContain('Timeline and verdicts equal the stored ones.');
    expect(exitCode).toBe(0);
    expect(findingIn(stdout)?.verdict).toBe('refuted');
  });

  test('fails the script when a segment it needs is taken out', async () => {
    await play('half-close', '--lockstep');
    const folder = latest('half-close');
    const timeline = readTimeline(folder);
    const { judge } = await import('../src/verdict/verdict.ts');
    const { scriptExperiment } = await import('../src/packetdrill/script-experiment.ts');
    const { findings } = scriptExperiment({ file: 'half-close.pkt', text: '' });
    const verdictOf = (events: typeof timeline.events) => judge(findings, { ...timeline, events })[0]?.verdict;
    expect(verdictOf(timeline.events)).toBe('reproduced');
    const fin = timeline.events.find(
      (event) => event.kind === 'segment' && event.flags === 'F.' && event.from === 'server',
    );
    expect(verdictOf(timeline.events.filter((event) => event !== fin))).toBe('refuted');
    expect(verdictOf(timeline.events.map((event) => (event === fin ? { ...event, flags: 'R.' } : event)))).toBe(
      'refuted',
    );
    const read = timeline.events.find((event) => event.kind === 'call' && event.api === 'read');
    expect(
      verdictOf(
        timeline.events.map((event) =>
          event === read && event.kind === 'call'
            ? { ...event, returned: { at: event.at, value: { bytes: 7 } } }
            : event,
        ),
      ),
    ).toBe('refuted');
    expect(verdictOf(timeline.events.filter((event) => event !== read))).toBe('inconclusive');
  });
});

describe('a script that cannot be played', () => {
  test.each([
    ['IPv6', '--ip_version=ipv6\n0 close(3) = 0', ':1: --ip_version=ipv6 is not supported here.'],
    ['UDP', '0 close(3) = 0\n+0 < udp (5)', ':2: udp packets are not supported here.'],
    [
      'a command of the shell',
      '0 close(3) = 0\n\n+0 `ip route add default dev tun0`',
      ':3: The command `ip route add default dev tun0` is not supported here.',
    ],
    ['Python', '0 close(3) = 0\n+0 %{ import os }%', ':2: The code "import os" is not supported here.'],
  ])('is refused with its line, and nothing is run: %s', async (_what, text, words) => {
    const file = write('refused.pkt', text);
    const { exitCode, stderr } = await finwait(['packetdrill', file, '--results', results]);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(file + words);
    expect(existsSync(join(results, 'packetdrill-refused'))).toBe(false);
  });

  test('does not keep others from being played', async () => {
    const file = write('refused.pkt', '0 epoll_create(1) = 4');
    const { exitCode, stdout, stderr } = await finwait([
      'packetdrill',
      file,
      path('wrong-result'),
      '--results',
      results,
      '--json',
    ]);
    expect(exitCode).toBe(64);
    expect(stderr).toContain('epoll_create() is not supported');
    expect(readDocument(stdout).runs).toHaveLength(1);
  });

  test('that does not exist is a mistake of the command line', async () => {
    const { exitCode, stderr } = await finwait(['packetdrill', '/nowhere.pkt']);
    expect(exitCode).toBe(64);
    expect(stderr).toContain('There is no file /nowhere.pkt');
  });
});

// Scripts in packetdrill's notation against the real kernel: those that hold, those that do not, and those that are refused.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scriptExperiment } from '../src/packetdrill/script-experiment.ts';
import { judge } from '../src/verdict/verdict.ts';
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

/** How a line that comes too late is told of, and a retransmission timeout that the lab has raised. */
const undecided = /the tool itself was|raised the retransmission timeout/;

const holding = readdirSync(scripts)
  .map((file) => file.replace('.pkt', ''))
  .filter((name) => !name.startsWith('wrong-'));

describe('a script that holds', () => {
  // A pause after each line would come between the lines of this one; on a machine that is too busy it is undecided,
  // never refuted.
  test.each(holding)('%s', async (name) => {
    const { exitCode, stdout, stderr } = await play(name);
    const finding = findingIn(stdout);
    expect(stderr).toBe('');
    if (finding?.verdict === 'inconclusive') expect(finding.cases[0]?.actual).toMatch(undecided);
    else expect([exitCode, finding?.verdict, finding?.answer]).toEqual([0, 'reproduced', 'True.']);
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

  test.each([
    ['wrong-revents', 'line 10: ', 'it gave ["POLLIN"] and not ["POLLOUT"]'],
    ['wrong-option-length', 'line 8: ', 'it gave 4 bytes and not 8'],
    ['wrong-syn', 'line 4: +0 > S 0:0(0) <mss 1400>', expect.stringContaining('and not <mss 1400>')],
  ])('by what a call left in its arguments, at the line that is wrong: %s', async (name, expected, actual) => {
    const { exitCode, stdout } = await play(name);
    expect(exitCode).toBe(1);
    expect(findingIn(stdout)?.cases[0]).toMatchObject({
      outcome: 'failed',
      expected: expect.stringContaining(expected),
      actual,
    });
  });

  test('a segment of another kind fails it, however late the tool was', async () => {
    await play('wrong-segment');
    const timeline = readTimeline(latest('wrong-segment'));
    const { findings } = scriptExperiment({ file: 'wrong-segment.pkt', text: '' });
    // From a line of the tool's on, everything 50 ms later: more than its tolerance.
    const third = timeline.events.filter((event) => event.kind === 'segment' && event.from === 'client')[1];
    const late = timeline.events.map((event) =>
      event.at < (third?.at ?? 0)
        ? event
        : {
            ...event,
            at: event.at + 50e6,
            ...(event.kind === 'segment' && {
              sentAt: event.sentAt && event.sentAt + 50e6,
              receivedAt: event.receivedAt && event.receivedAt + 50e6,
            }),
          },
    ) as typeof timeline.events;
    expect(judge(findings, { ...timeline, events: late })[0]?.verdict).toBe('refuted');
  });

  test('a call that was told of late, for want of a processor, is undecided', async () => {
    await play('blocking-connect');
    const timeline = readTimeline(latest('blocking-connect'));
    const { findings } = scriptExperiment({ file: 'blocking-connect.pkt', text: '' });
    const later = (waited: number) => ({
      ...timeline,
      events: timeline.events.map((event) =>
        event.kind === 'call' && event.api === 'connect' && event.returned
          ? { ...event, returned: { ...event.returned, at: event.returned.at + 60e6, waited } }
          : event,
      ),
    });
    const judged = (waited: number) => judge(findings, later(waited))[0]?.cases[0];
    expect(judged(0)?.actual).not.toContain('for a processor');
    expect(judged(60e6)?.outcome).toBe('unknown');
    // On a machine that is too busy the tool may have been late before that line as well, and that is what it then says.
    if (judged(0)?.actual.includes('the tool itself was')) return;
    expect(judged(0)?.outcome).toBe('failed');
    expect(judged(60e6)?.actual).toContain('its process had waited 0.0600 s for a processor');
  });

  test('by the time of a segment', async () => {
    const { exitCode, stdout } = await play('wrong-time', '--lockstep');
    expect(exitCode).toBe(1);
    expect(findingIn(stdout)?.cases[0]?.expected).toMatch(/^line 6: \+\.3 > S 0:0\(0\) <\.\.\.> at 0\.\d+ s, between/);
    expect(findingIn(stdout)?.cases[0]?.actual).toMatch(/^it was sent at 1\.\d+ s$/);
  });
});

test('a setting of defaults.sh that this kernel refuses is noted, and the finding says so', async () => {
  const file = write('defaults.pkt', `\`../common/defaults.sh\`\n${readFileSync(path('half-close'), 'utf8')}`);
  await finwait(['packetdrill', file, '--results', results, '--json']);
  const folder = join(results, 'packetdrill-defaults', 'latest');
  const timeline = readTimeline(folder);
  const asked = timeline.events.flatMap((event) =>
    event.kind === 'call' && event.api === 'sysctl' ? [String(event.args[0])] : [],
  );
  expect(asked).toContain('net.ipv4.tcp_slow_start_after_idle');
  const { findings } = scriptExperiment({ file: 'defaults.pkt', text: '' });
  const play = timeline.events.find((event) => event.kind === 'wire' && event.operation === 'script');
  const note = {
    ...{ id: 'e99999', kind: 'stage', edge: 'note', text: 'defaults.sh could not set net.ipv4.tcp_x=1 (ENOENT)' },
    ...{ at: play?.at ?? 0, step: 0 },
  } as (typeof timeline.events)[number];
  const [finding] = judge(findings, { ...timeline, events: [...timeline.events, note] });
  expect(finding?.cases[0]?.actual).toMatch(/; defaults\.sh could not set (.*, )?net\.ipv4\.tcp_x=1 \(ENOENT\)$/);
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
    cpSync(realpathSync(folder), copy, { recursive: true });
    const { exitCode, stderr, stdout } = await finwait(['analyze', copy, '--json']);
    expect(stderr).toContain('Timeline and verdicts equal the stored ones.');
    expect(exitCode).toBe(0);
    expect(findingIn(stdout)?.verdict).toBe('refuted');
  });

  test('fails the script when a segment it needs is taken out', async () => {
    await play('half-close', '--lockstep');
    const folder = latest('half-close');
    const timeline = readTimeline(folder);
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

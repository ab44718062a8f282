// Plays a script: injects its segments, makes its calls in a process on the server, and waits for what the kernel is to send.
// It only records, and stops at the first line that is not as written; the judgement is made from the record afterwards.

import type { Host } from '../../experiment/vocabulary.ts';
import { now } from '../../record/clock.ts';
import type { Session } from '../../session/session.ts';
import { wrongResult } from '../judge/results.ts';
import { createSchedule, type Due } from '../judge/schedule.ts';
import { evaluate, valuesIn } from '../notation/asserts.ts';
import type { PktCall, PktLine, PktScript } from '../notation/script.ts';
import { decodeTcpInfo } from '../notation/tcp-info.ts';
import { pauseBefore, sampler } from './look.ts';
import { createPeer, type Peer, type Ports, type Problem } from './peer.ts';
import { goFirst, warmUp, withdrawClient } from './prepare.ts';
import { createRealSide, type Made, type RealSide } from './real-side.ts';
import { apply } from './settings.ts';
import { waitUntil, within } from './wait.ts';

/** How long a call that should return at once may take, and how long after its time a segment is still waited for (ms). */
const graceMilliseconds = 2000;
/** How long a segment expected at any time (`*`) is waited for (ms). */
const anyTimeMilliseconds = 30_000;
const quietMilliseconds = 50;

/** Play one script. `path` is where it stands; records name its lines. Resolves when it has ended, or stopped at a line. */
export const playScript = async (session: Session, server: Host, script: PktScript, path: string): Promise<void> => {
  const { wire, recorder } = session;
  const ordinal = await withdrawClient(session);
  const ports: Ports = {
    bind: script.options.bindPort ?? 8080 + ordinal,
    connect: script.options.connectPort ?? 8080 + ordinal,
    remote: 50_000 + 100 * ordinal,
  };
  const { name } = await server.raw();
  await goFirst(session, name);
  const real = await createRealSide(session, name, ports);
  const peer = createPeer(session, ports, script.options.strictSegments);
  const player: Player = {
    session,
    script,
    real,
    peer,
    settings: new Map(),
    schedule: createSchedule(script.options),
    calls: [],
  };
  const source = (line: number) => ({ file: path, line });
  wire.script(
    { source: source(1) },
    { file: script.file, mode: wire.isLockstep() ? 'lockstep' : 'freeRun', text: script.text },
  );
  const look = sampler(session);
  warmUp();
  let stopped: { line: PktLine; problem: Problem } | undefined;
  try {
    for (const [index, line] of script.lines.entries()) {
      const step = session.beginStep(`${script.file}:${line.line} ${line.text}`, source(line.line));
      const problem = await playLine(player, line, { step, source: source(line.line) });
      await look(`line ${line.line}`, pauseBefore(script.lines[index + 1], player.zero));
      if (problem) {
        stopped = { line: problem.line ?? line, problem };
        break;
      }
    }
    if (!stopped) {
      const unsettled = await settleCalls(player);
      if (unsettled) stopped = { line: unsettled.line, problem: unsettled };
    }
    await session.orAbort(wire.quiet(quietMilliseconds));
    await session.orAbort(wire.sampleAll('end of the script'));
  } finally {
    peer.stop();
    real.stop();
  }
  const text = stopped ? stopWords(script.file, stopped.line, stopped.problem) : `${script.file}: played to the end`;
  recorder.api({ type: 'stage', t: now(), edge: 'note', text });
};

/** What the note says where a script stopped. The judge knows it by its beginning. */
const stopWords = (file: string, line: PktLine, { expected, actual }: Problem) =>
  `${file}:${line.line}: expected: ${expected ?? line.text} actual: ${actual}`;

type Player = {
  session: Session;
  script: PktScript;
  real: RealSide;
  peer: Peer;
  /** Sysctls as they were before the script set them. */
  settings: Map<string, string>;
  schedule: ReturnType<typeof createSchedule>;
  /** Blocking calls that may still be under way. */
  calls: { line: PktLine; made: Made; due: Due }[];
  /** When the first event happened: zero of the script (CLOCK_MONOTONIC, ns). */
  zero?: number;
};

type Context = { step: number; source: { file: string; line: number } };

const playLine = async (player: Player, line: PktLine, context: Context): Promise<Stop | undefined> => {
  const { schedule, session } = player;
  if (line.action === 'settings' && line.text.startsWith('`')) return apply(player, line.settings, context);
  const due = schedule.due(line);
  if (line.action !== 'outbound' && player.zero !== undefined) await waitUntil(session, player.zero + due.at * 1e9);
  const done = await act(player, line, due, context);
  if ('problem' in done) return done.problem;
  player.zero ??= done.begun;
  schedule.happened(line, due, (done.begun - player.zero) / 1e9, (done.ended - player.zero) / 1e9);
  return undefined;
};

/** `line`: where it belongs to another line than the one being played. */
type Stop = Problem & { line?: PktLine };
type Done = { begun: number; ended: number } | { problem: Stop };

const act = async (player: Player, line: PktLine, due: Due, context: Context): Promise<Done> => {
  const { peer, zero = now() } = player;
  switch (line.action) {
    case 'inbound': {
      const injected = await peer.inject(line.segment, context);
      return 'actual' in injected ? { problem: injected } : { begun: injected.t, ended: injected.done };
    }
    case 'outbound': {
      const wait = Number.isFinite(due.latest)
        ? Math.max(due.latest * 1e9 + zero, now()) + graceMilliseconds * 1e6
        : now() + anyTimeMilliseconds * 1e6;
      const sent = await peer.expect(line.segment, wait);
      return 'actual' in sent ? { problem: sent } : { begun: sent.t, ended: sent.t };
    }
    case 'call':
      return call(player, line, line.call, due, context);
    case 'assert':
      return assert(player, line.assertions, context);
    case 'settings': {
      const begun = now();
      const problem = await apply(player, line.settings, context);
      return problem ? { problem } : { begun, ended: now() };
    }
  }
};

const call = async (player: Player, line: PktLine, wanted: PktCall, due: Due, context: Context): Promise<Done> => {
  const { real, peer, session, schedule } = player;
  const busy = await settleCalls(player); // packetdrill's real side has one thread for calls as well
  if (busy) return { problem: busy };
  if (wanted.api === 'socket' || wanted.api === 'listen') peer.renew();
  if (wanted.api === 'bind' && typeof wanted.args[0] === 'number') peer.bound(wanted.args[0]);
  if (wanted.api === 'connect') peer.connecting(typeof wanted.args[0] === 'number' ? wanted.args[0] : undefined);
  const made = real.make(wanted, wanted.value, context);
  made.returned.catch(() => {});
  const begun = await made.begun;
  if (wanted.returnsAt !== undefined) {
    player.calls.push({ line, made, due: schedule.returnDue(line, due, wanted.returnsAt) });
    return { begun, ended: begun };
  }
  const back = await within(session, made.returned, graceMilliseconds);
  if (!back) return { problem: { actual: `it blocked: it had not returned after ${graceMilliseconds / 1000} s` } };
  const wrong = wrongResult(wanted, resultOf(back.outcome));
  return wrong ? { problem: { actual: wrong } } : { begun, ended: back.t };
};

/** What an output argument holds: the value of a getsockopt, the revents of a poll. */
const resultOf = ({ value, errno, text, option, length, revents }: Awaited<Made['returned']>['outcome']) => ({
  value,
  errno,
  text,
  option: revents ?? option,
  length,
});

/** Wait for the blocking calls under way. Gives the first that did not return what it should, and its line. */
const settleCalls = async (player: Player): Promise<(Problem & { line: PktLine }) | undefined> => {
  const { session, zero = now() } = player;
  for (const { line, made, due } of player.calls.splice(0)) {
    const wait = Math.max(0, zero + due.latest * 1e9 - now()) / 1e6 + graceMilliseconds;
    const back = await within(session, made.returned, wait);
    const wanted = (line as Extract<PktLine, { action: 'call' }>).call;
    const wrong = back ? wrongResult(wanted, resultOf(back.outcome)) : 'it still blocked';
    if (wrong) return { line, actual: wrong };
  }
  return undefined;
};

const assert = async (
  { real }: Player,
  assertions: Extract<PktLine, { action: 'assert' }>['assertions'],
  context: Context,
): Promise<Done> => {
  const fd = real.socket();
  if (fd === undefined) return { problem: { actual: 'no socket of the script is open, so there is no TCP_INFO' } };
  const made = real.make({ api: 'getsockopt', fd, args: ['IPPROTO_TCP', 'TCP_INFO'] }, undefined, context);
  const [begun, { t, outcome }] = await Promise.all([made.begun, made.returned]);
  const info = decodeTcpInfo(String(outcome.option ?? ''));
  for (const { text, condition } of assertions) {
    if (evaluate(condition, info) === 0) return { problem: { expected: text, actual: valuesIn(condition, info) } };
  }
  return { begun, ended: t };
};

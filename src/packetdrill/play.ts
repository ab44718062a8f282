// Plays a script: injects its segments, makes its calls in a process on the server, and waits for what the kernel is to send.
// It only records, and stops at the first line that is not as written; the judgement is made from the record afterwards.
import { setPriority } from 'node:os';
import type { Host } from '../experiment/vocabulary.ts';
import { addressOf, device } from '../lab/addresses.ts';
import { encodeSegment } from '../packet/frame.ts';
import type { Session } from '../run/session.ts';
import { createReader } from '../wire/segment.ts';
import { evaluate, valuesIn } from './asserts.ts';
import type { Setting } from './commands.ts';
import { createPeer, type Peer, type Ports, type Problem } from './peer.ts';
import { createRealSide, type Made, type RealSide } from './real-side.ts';
import { wrongResult } from './results.ts';
import { createSchedule, type Due } from './schedule.ts';
import type { PktCall, PktLine, PktScript } from './script.ts';
import { decodeTcpInfo } from './tcp-info.ts';

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
  await hurry(session, name);
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
      await look(`line ${line.line}`, pauseAfter(player, index));
      if (problem) {
        stopped = { line, problem };
        break;
      }
    }
    if (!stopped) await settleCalls(player);
    await session.orAbort(wire.quiet(quietMilliseconds));
    await session.orAbort(wire.sampleBoth('end of the script'));
  } finally {
    peer.stop();
    real.stop();
    calm();
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

const playLine = async (player: Player, line: PktLine, context: Context): Promise<Problem | undefined> => {
  const { schedule, session } = player;
  if (line.action === 'settings' && line.text.startsWith('`')) return apply(player, line.settings, context);
  const due = schedule.due(line);
  if (line.action !== 'outbound' && player.zero !== undefined) await waitUntil(session, player.zero + due.at * 1e9);
  const done = await act(player, line, due, context);
  if ('problem' in done) return done.problem;
  player.zero ??= done.begun;
  schedule.happened(line, due, (done.ended - player.zero) / 1e9);
  return undefined;
};

type Done = { begun: number; ended: number } | { problem: Problem };

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
  const wrong = wrongResult(wanted, resultOf(wanted, back.outcome));
  return wrong ? { problem: { actual: wrong } } : { begun, ended: back.t };
};

/** getsockopt gives its value apart, poll names what is ready as text. */
const resultOf = ({ api }: PktCall, { value, errno, text, option }: Awaited<Made['returned']>['outcome']) =>
  api === 'poll' ? { value, errno, option: text ? text.split('|') : [] } : { value, errno, text, option };

/** Wait for the blocking calls under way. Gives the first that did not return what it should. */
const settleCalls = async (player: Player): Promise<Problem | undefined> => {
  const { session, script, zero = now() } = player;
  for (const { line, made, due } of player.calls.splice(0)) {
    const wait = Math.max(0, zero + due.latest * 1e9 - now()) / 1e6 + graceMilliseconds;
    const back = await within(session, made.returned, wait);
    const wanted = (line as Extract<PktLine, { action: 'call' }>).call;
    const wrong = back ? wrongResult(wanted, resultOf(wanted, back.outcome)) : 'it still blocked';
    if (wrong) return { expected: `${script.file}:${line.line} ${line.text}`, actual: wrong };
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

const apply = async (player: Player, wanted: Setting[], context: Context): Promise<Problem | undefined> => {
  for (const setting of wanted) {
    const all = 'restore' in setting ? [...player.settings].map(([name, value]) => ({ name, value })) : [setting];
    for (const one of all) {
      const problem = await set(player, one, context);
      if (problem) return problem;
    }
  }
  return undefined;
};

/** Set a sysctl of the server. One that has the value already, or that is optional and not there, leaves no trace. */
const set = async (
  player: Player,
  { name, value, optional }: { name: string; value: string; optional?: true },
  { step, source }: Context,
) => {
  const { session, settings } = player;
  const sidecar = session.lab.sidecar.server;
  try {
    const { before } = (await sidecar.request({ do: 'sysctl', name })).value as { before: string };
    if (before === value) return undefined;
    const id = `sysctl:script:${++sysctls}`;
    session.recorder.api({
      type: 'call',
      t: now(),
      call: id,
      step,
      host: 'server',
      process: 'kernel',
      via: 'host',
      by: 'script',
      api: 'sysctl',
      args: [name, value],
      source,
    });
    const changed = (await sidecar.request({ do: 'sysctl', name, value })).value as { before: string; after: string };
    session.recorder.api({
      type: 'return',
      t: now(),
      call: id,
      value: { before: changed.before, after: changed.after },
    });
    if (!settings.has(name)) settings.set(name, before);
    return undefined;
  } catch (error) {
    return optional ? undefined : { actual: `${name} cannot be set: ${(error as Error).message}` };
  }
};
let sysctls = 0;

/**
 * Let the collector, the sidecar and the process that makes the calls go before everything else on the machine, as packetdrill does with itself:
 * a script is a matter of milliseconds. Where the user may not ask for that, nothing happens.
 */
const hurry = async ({ arrival, lab }: Session, name: string): Promise<void> => {
  const { hello } = await arrival(name);
  await Promise.all([
    lab.sidecar.server.request({ do: 'hurry', pids: [hello.pid], priority }),
    lab.sidecar.client.request({ do: 'hurry', pids: [], priority }),
  ]);
  try {
    setPriority(priority);
  } catch {} // EACCES
};
const calm = () => {
  try {
    setPriority(0);
  } catch {} // EACCES
};
const priority = -15;

/** Make and read segments until the code for it runs at full speed: the first one would be milliseconds late. */
const warmUp = () => {
  const reader = createReader();
  for (let round = 0; round < 200; round++) {
    const frame = encodeSegment({
      sourceAddress: addressOf.client.ip,
      destinationAddress: addressOf.server.ip,
      sourcePort: 1,
      destinationPort: 2,
      flags: round % 2 === 0 ? 'S' : 'S.',
      options: { mss: 1460, sackPermitted: true, windowScale: 7 },
    });
    reader.read(frame, round);
  }
};

/** The kernel of the client's host steps back: its address goes, and the wire speaks for it. Gives how many scripts were played before. */
const withdrawClient = async ({ lab, recorder, beginStep }: Session): Promise<number> => {
  const played = scriptsPlayed.get(lab) ?? 0;
  scriptsPlayed.set(lab, played + 1);
  if (played > 0) return played;
  const step = beginStep('client: its kernel steps back for the script', undefined);
  const id = 'client:scripted';
  const args = ['addr', 'flush', addressOf.client.ip, 'dev', device];
  recorder.api({
    type: 'call',
    t: now(),
    call: id,
    step,
    host: 'client',
    process: 'kernel',
    via: 'host',
    by: 'script',
    api: 'ip',
    args,
  });
  await lab.sidecar.client.request({ do: 'scripted' });
  recorder.api({ type: 'return', t: now(), call: id });
  return 0;
};
const scriptsPlayed = new WeakMap<object, number>();

/**
 * In lockstep the script waits after each line until ss has looked at both hosts. In freeRun ss looks whenever the script is about to pause
 * for long enough (ms), and the script goes on meanwhile: between lines that follow at once nobody looks, so that nobody delays them.
 */
const sampler = ({ wire, orAbort }: Session) => {
  let isLooking = false;
  return async (reason: string, pause: number): Promise<void> => {
    if (wire.isLockstep()) return void (await orAbort(wire.sampleBoth(reason)));
    if (isLooking || pause < lookMilliseconds) return;
    isLooking = true;
    const done = () => {
      isLooking = false;
    };
    wire.sampleBoth(reason).then(done, done);
  };
};
const lookMilliseconds = 5;

/** How long after a line the next one is due (ms). */
const pauseAfter = ({ script, zero = now() }: Player, index: number): number => {
  const time = script.lines[index + 1]?.time;
  if (!time || time.kind === 'any') return Number.POSITIVE_INFINITY;
  return time.kind === 'relative' ? time.at * 1000 : time.at * 1000 - (now() - zero) / 1e6;
};

/** Sleep until shortly before, then turn the event loop, which is exact to some microseconds. */
const waitUntil = async (session: Session, moment: number): Promise<void> => {
  const left = (moment - now()) / 1e6;
  if (left > turningMilliseconds)
    await session.idly(new Promise((resolve) => setTimeout(resolve, left - turningMilliseconds)));
  while (now() < moment) await new Promise((resolve) => setImmediate(resolve));
};
const turningMilliseconds = 1.5;

const within = async <T>(session: Session, promise: Promise<T>, milliseconds: number): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  return session.idly(Promise.race([promise, late])).finally(() => clearTimeout(timer));
};

const now = () => Number(process.hrtime.bigint());

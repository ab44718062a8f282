// What each kind of event is called in a report: calls as they are written in C, segments in packetdrill's notation,
// what is special in words.
import type {
  Cause,
  CounterEvent,
  EmitEvent,
  ProcessEvent,
  SegmentEvent,
  StateEvent,
  TimelineEvent,
  WireEvent,
} from '../../timeline/schema.ts';
import { argument, quote } from './arguments.ts';
import type { Glyphs } from './glyphs.ts';
import { isByProgram, programWords } from './program-words.ts';
import { visible } from './text.ts';
import { endSpreadWords, spreadWords, stayWords } from './when.ts';

/** `'data' 5 bytes "hello"`, `'error' ECONNRESET`. */
export const emitWords = ({ name, bytes, text, code }: EmitEvent): string =>
  [`'${name}'`, bytes === undefined ? '' : `${bytes} bytes`, text ? quote(text) : '', code ?? '']
    .filter(Boolean)
    .join(' ');

export const processWords = (event: ProcessEvent): string => {
  const { edge, command, program, code, signal, mayBeOthers } = event;
  if (edge === 'start')
    return command && !isDriven(event) ? `$ ${visible(firstLine(command))}${versionWords(program)}` : 'process starts';
  if (edge === 'stop') return 'process stopped';
  if (edge === 'continue') return 'process continues';
  if (edge === 'descendants-ended')
    return `what the program ${mayBeOthers ? 'or another ' : ''}had left behind has ended`;
  const ended = signal
    ? `process killed by ${signal}`
    : code === null || code === undefined
      ? 'process ended'
      : `process ended, exit code ${code}`;
  return [ended, endSpreadWords(event)].filter(Boolean).join(', ');
};

/** A program given as an argument may have many lines: they are in the record. */
const firstLine = (command: string): string => {
  const [first = '', ...others] = command.trim().split('\n');
  return others.length > 0 ? `${first.trimEnd()} …` : first;
};

/** A Node is told from others by its version and place. */
const versionWords = (program: ProcessEvent['program']): string =>
  program?.version ? ` (Node ${visible(program.version)}, ${visible(program.path)})` : '';

/** Whether a process is one of the lab's own processes, whose calls are on the timeline. */
export const isDriven = ({ driven, command = '' }: ProcessEvent): boolean =>
  driven ?? /(node|raw)-process\.ts\b/.test(command);

export const stateWords = (event: StateEvent, glyphs: Glyphs): string => {
  const { from, to, local } = event;
  const stay = stayWords(event);
  const stayed = stay === undefined || to === 'CLOSED' ? '' : ` for ${stay}`;
  // What lay in between was not seen: only where it began and where it is now.
  const way = event.unseen ? `${glyphs.becomes} ${glyphs.cut} ${glyphs.becomes}` : glyphs.becomes;
  const port = to === 'LISTEN' || from === 'LISTEN' ? ` on port ${local.port}` : '';
  const what = to === 'LISTEN' ? `LISTEN${port}` : `${from} ${way} ${to}${stayed}${port}`;
  const unseen = event.connection === undefined ? 'what lay between was not seen' : 'states between unseen';
  return [what, event.unseen ? unseen : '', spreadWords(event)].filter(Boolean).join(', ');
};

/** `drop, once, FIN from client`, `release e12 e14`. `ids` gives the segment event of each frame. */
export const wireWords = ({ operation, args }: WireEvent, ids: Map<unknown, string> = new Map()): string => {
  const {
    predicate,
    segments,
    times,
    from,
    milliseconds,
    frames,
    frame,
    operation: _ended,
    text: _script,
    ...others
  } = args;
  const moved = [...(Array.isArray(frames) ? frames : []), ...(frame === undefined ? [] : [frame])];
  if (operation === 'nat')
    return `nat: forgets a connection that is idle for ${args.idleSeconds} s, ${args.then === 'reset' ? 'and resets' : 'in silence'}`;
  if (operation === 'link') return `link of the ${args.host} ${args.state}`;
  if (operation === 'inject' && typeof args.segment === 'string')
    return `inject, ${visible(args.segment)} from ${args.from}${args.absolute === true ? ', absolute numbers' : ''}`;
  if (operation === 'replay') return `replay ${ids.get(args.frame) ?? `frame ${args.frame}`}`;
  const words = [
    [
      operation,
      ...(milliseconds === undefined ? [] : [`by ${milliseconds} ms`]),
      ...moved.map((number) => ids.get(number) ?? `frame ${number}`),
    ].join(' '),
    times === undefined ? '' : times === 1 ? 'once' : `${times} times`,
    typeof segments === 'string' ? visible(segments) : typeof from === 'string' ? `from ${from}` : '',
    // Records made before conditions had words hold the source of the predicate, which is nobody's language.
    predicate === undefined ? '' : 'segments that fit a condition',
    ...Object.entries(others).map(([name, value]) => `${name} ${argument(value)}`),
  ];
  return words.filter(Boolean).join(', ');
};

/** `the kernel sent a tail loss probe (TCPLossProbes +1)` */
export const counterWords = ({ meaning, name, by }: CounterEvent): string =>
  `${meaning.startsWith('the kernel ') ? '' : 'kernel: '}${meaning} (${name.replace(/^.*\./, '')} +${by})`;

/** The segment event each frame became. */
export const idsOfFrames = (events: TimelineEvent[]): Map<unknown, string> =>
  new Map(events.flatMap((event) => (event.kind === 'segment' ? [[event.frame, event.id] as const] : [])));

/** The payload, where it is text. */
export const payloadWords = ({ payload, length }: SegmentEvent): string => {
  if (!payload || length === 0) return '';
  const text = Buffer.from(payload, 'hex').toString('latin1');
  return /^[\x20-\x7e\r\n\t]+$/.test(text) ? quote(text, length > 16 ? 12 : 16) : '';
};

/** What sets a segment apart: what it repeats, who made it, what became of it, what it lacks. */
export const segmentNotes = (event: SegmentEvent): string[] => {
  const { role, origin, fate, linkDown, cause, copyOf, retransmissionOf, checksumOk, options } = event;
  const timer = timerWords(cause);
  const repeated = `retransmission${retransmissionOf ? ` of ${retransmissionOf}` : ''}`;
  return [
    origin === 'inject' ? 'injected' : origin === 'host' ? '' : `${origin} of ${copyOf ?? 'an earlier segment'}`,
    role === 'retransmission' ? retransmissionWords(cause, repeated) : role ? roleNames[role] : '',
    role !== undefined && role === roleOfTimer[timer ?? ''] ? '' : (timer ?? ''),
    cause?.kind === 'process-end' ? 'process end' : '',
    isByProgram(cause) ? programWords(cause, event) : '',
    options.other?.includes(multipath) ? 'MPTCP' : '',
    checksumOk === false ? 'wrong checksum' : '',
    linkDown
      ? `lost: the link of the ${event.to} is down`
      : fate === 'dropped'
        ? 'lost'
        : fate === 'held'
          ? 'held to the end'
          : '',
  ].filter(Boolean);
};

/** The kind of the option of multipath TCP (RFC 8684): such an ACK may acknowledge what is no part of this connection alone. */
const multipath = 30;

const roleNames = {
  'keepalive-probe': 'keepalive probe',
  'keepalive-answer': 'keepalive answer',
  'window-probe': 'window probe',
  'window-probe-answer': 'window probe answer',
  'window-update': 'window update',
  'duplicate-ack': 'duplicate ACK',
};

/** Why, where no call and no segment explains it. */
export const timerWords = (cause: Cause | undefined): string | undefined =>
  cause?.kind === 'timer' ? timerNames[cause.timer] : undefined;

const timerNames = {
  on: 'RTO timer',
  'tail-loss-probe': 'tail loss probe timer',
  reordering: 'reordering timer',
  pacing: 'pacing timer',
  retransmission: 'timer not known',
  'fast-retransmission': 'let go by an arrival or the pacing timer',
  keepalive: 'keepalive timer',
  timewait: 'timewait timer',
  persist: 'persist timer',
  'delayed-ack': 'delayed-ACK timer',
} as const;

/** Which timer it was comes first, where it is known. */
const retransmissionWords = (cause: Cause | undefined, repeated: string): string => {
  const timer = cause?.kind === 'timer' ? shortTimers[cause.timer] : undefined;
  return timer === undefined ? repeated : `${timer}: ${repeated}`;
};

const shortTimers: Record<string, string> = {
  on: 'RTO',
  'tail-loss-probe': 'tail loss probe',
  reordering: 'reordering timer',
  'fast-retransmission': 'fast',
};

/** A role that says which timer sent the segment needs no second word for it. */
const roleOfTimer: Record<string, SegmentEvent['role']> = {
  'RTO timer': 'retransmission',
  'tail loss probe timer': 'retransmission',
  'reordering timer': 'retransmission',
  'let go by an arrival or the pacing timer': 'retransmission',
  'keepalive timer': 'keepalive-probe',
  'persist timer': 'window-probe',
};

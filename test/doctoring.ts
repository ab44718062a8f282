// Doctored records: copies of a recorded timeline in which one thing is otherwise than it was. A case that judges the
// record must judge at least one of them differently; one that does not is a check that cannot fail.
import { notation } from '../src/packet/notation.ts';
import type { Sample, SocketRow } from '../src/record/samples.ts';
import type { TcpState } from '../src/record/tcp-state.ts';
import type { SegmentEvent, StateEvent, Timeline, TimelineEvent } from '../src/timeline/schema.ts';
import type { CaseResult } from '../src/verdict/schema.ts';

/** A doctored record and what was done to it. */
type Doctored = { what: string; timeline: Timeline };

/** How a case judges a record. */
export type Judge = (record: Timeline) => CaseResult | undefined;

/**
 * What has to be doctored so that a case which held fails, or one that failed holds; undefined when nothing tried does
 * it. A case that asks for several things may need several: each that settles one of them is kept, four at most.
 */
export const turnRound = (recorded: CaseResult, timeline: Timeline, judge: Judge): string[] | undefined => {
  const opposite = recorded.outcome === 'held' ? 'failed' : 'held';
  const done: string[] = [];
  let current = { judged: recorded, timeline };
  while (done.length < 4) {
    let better: (typeof current & { what: string }) | undefined;
    for (const { what, timeline: record } of doctor(current.timeline, current.judged)) {
      const judged = judge(record);
      if (judged?.outcome === opposite) return [...done, what];
      const isBetter =
        opposite === 'held' && judged?.outcome === 'failed' && wants(judged) < wants(better?.judged ?? current.judged);
      if (judged && isBetter) better = { judged, timeline: record, what };
    }
    if (!better) return undefined;
    done.push(better.what);
    current = better;
  }
  return undefined;
};

/** The things a case that failed found amiss: all() names those alone. */
const wants = ({ actual }: CaseResult): number => actual.split('; ').length;

/** Doctored copies that differ in the evidence named, in what stands beside it, or by something that was never there. */
function* doctor(
  timeline: Timeline,
  { evidence, expected }: Pick<CaseResult, 'evidence' | 'expected'>,
): Generator<Doctored> {
  const events = timeline.events.filter(({ id }) => evidence.includes(id));
  const samples = timeline.samples.filter(({ id }) => evidence.includes(id));
  yield* changeEvents(timeline, events);
  yield* changeHistories(timeline, events);
  yield* changeSamples(timeline, samples);
  yield* fitTimes(timeline, events, expected);
  yield* addEvents(timeline, events, samples);
  yield* changeEvents(timeline, neighbours(timeline, events, samples));
  yield* changeSamples(timeline, timeline.samples);
}

/** A change to one thing; nothing where it does not apply. */
type Change<T> = [what: string, change: (one: T) => T | undefined];

function* changeEvents(timeline: Timeline, events: TimelineEvent[]): Generator<Doctored> {
  if (events.length === 0) return;
  const kinds = [...new Set(events.map(({ kind }) => kind))];
  for (const kind of kinds) {
    const ofKind = events.filter((event) => event.kind === kind);
    // One at a time, where they are few; then the last, those that are alike, and all of them.
    const alike = [...Map.groupBy(ofKind, likeness).values()].filter(({ length }) => length > 1);
    const sets = [...ofKind.slice(0, 12).map((one) => [one]), ofKind.slice(-1), ...alike, ofKind];
    for (const [what, change] of changesOf[kind] as Change<TimelineEvent>[]) {
      for (const set of sets) {
        const doctored = replaceEvents(timeline, set, change);
        if (doctored)
          yield {
            what: `${what}: ${set
              .map(({ id }) => id)
              .slice(0, 5)
              .join(' ')}`,
            timeline: doctored,
          };
      }
    }
    for (const set of sets) {
      const removed = new Set(set.map(({ id }) => id));
      yield {
        what: `removed: ${[...removed].slice(0, 5).join(' ')}`,
        timeline: { ...timeline, events: timeline.events.filter(({ id }) => !removed.has(id)) },
      };
    }
  }
}

const likeness = (event: TimelineEvent): string => {
  if (event.kind === 'segment') return `${event.from} ${event.role ?? event.flags}`;
  if (event.kind === 'call') return `${event.host} ${event.api}`;
  if (event.kind === 'emit') return `${event.host} ${event.name}`;
  return event.kind === 'state' ? `${event.host} ${event.to}` : event.kind;
};

const replaceEvents = (
  timeline: Timeline,
  set: TimelineEvent[],
  change: (one: TimelineEvent) => TimelineEvent | undefined,
): Timeline | undefined => {
  const replaced = new Map<string, TimelineEvent>();
  for (const one of set) {
    const changed = change(structuredClone(one));
    if (changed) replaced.set(one.id, changed);
  }
  if (replaced.size === 0) return undefined;
  return { ...timeline, events: timeline.events.map((event) => replaced.get(event.id) ?? event) };
};

const second = 1e9;
const shifts: Change<TimelineEvent>[] = [-10, -1, 1, 10, 1000].map((seconds) => [
  `shifted by ${seconds} s`,
  (event) => shifted(event, seconds * second),
]);

const shifted = (event: TimelineEvent, by: number): TimelineEvent => {
  const moved = { ...event, at: event.at + by };
  if (moved.kind === 'state') return { ...moved, between: [moved.between[0] + by, moved.between[1] + by] };
  if (moved.kind !== 'segment') return moved;
  if (moved.sentAt !== undefined) moved.sentAt += by;
  if (moved.receivedAt !== undefined) moved.receivedAt += by;
  return moved;
};

const causes: Change<TimelineEvent>[] = [
  ['cause unknown', (event) => ({ ...event, cause: { kind: 'unknown' } })],
  [
    'cause another',
    (event) => ({
      ...event,
      cause: { kind: 'timer', timer: event.cause?.kind === 'timer' && event.cause.timer === 'on' ? 'persist' : 'on' },
    }),
  ],
];

const otherHost = <E extends TimelineEvent>(event: E): E | undefined =>
  'host' in event ? { ...event, host: event.host === 'client' ? 'server' : 'client' } : undefined;

const withText = (segment: SegmentEvent): SegmentEvent => ({ ...segment, text: notation(segment) });
const segmentFlags = ['R', 'F.', '.', 'P.', 'S', 'S.', 'R.', 'FP.'];
const segmentChanges: Change<SegmentEvent>[] = [
  ...segmentFlags.map(
    (flags): Change<SegmentEvent> => [
      `flags ${flags}`,
      (one) => (one.flags === flags ? undefined : withText({ ...one, flags })),
    ],
  ),
  ...[1, -1, 1000].map(
    (by): Change<SegmentEvent> => [
      `seq ${by}`,
      (one) => withText({ ...one, seq: one.seq + by, absolute: { ...one.absolute, seq: one.absolute.seq + by } }),
    ],
  ),
  ...[1, -1, 1000].map(
    (by): Change<SegmentEvent> => [
      `ack ${by}`,
      (one) => withText({ ...one, ack: one.ack + by, absolute: { ...one.absolute, ack: one.absolute.ack + by } }),
    ],
  ),
  ['a byte more', (one) => withText({ ...one, length: one.length + 1 })],
  ['no payload', (one) => (one.length > 0 ? withText({ ...one, length: 0 }) : undefined)],
  [
    'sent by the other',
    (one) => ({ ...one, from: one.to, to: one.from, source: one.destination, destination: one.source }),
  ],
  ['dropped', (one) => (one.fate === 'dropped' ? undefined : { ...one, fate: 'dropped', receivedAt: undefined })],
  ['delivered', (one) => (one.fate === 'delivered' ? undefined : { ...one, fate: 'delivered', receivedAt: one.at })],
  ['no role', (one) => (one.role ? { ...one, role: undefined, retransmissionOf: undefined } : undefined)],
  ...(['retransmission', 'keepalive-probe', 'window-probe'] as const).map(
    (role): Change<SegmentEvent> => [`role ${role}`, (one) => ({ ...one, role })],
  ),
  ['window 0', (one) => ({ ...one, window: 0 })],
  ['window open', (one) => ({ ...one, window: 60_000 })],
  ['no options', (one) => ({ ...one, options: {} })],
  [
    'other options',
    (one) => ({
      ...one,
      options: { mss: 536, windowScale: 3, sackPermitted: true, timestamps: { value: 1, echo: 1 } },
    }),
  ],
  ['made by the wire', (one) => ({ ...one, origin: one.origin === 'host' ? 'inject' : 'host' })],
  ['of another connection', (one) => ({ ...one, connection: one.connection + 1 })],
  ['other payload', (one) => (one.payload ? { ...one, payload: `58${one.payload.slice(2)}` } : undefined)],
];

const states: TcpState[] = [
  'CLOSED',
  'SYN-SENT',
  'ESTABLISHED',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
];
const stateChanges: Change<StateEvent>[] = [
  ...states.map((to): Change<StateEvent> => [`to ${to}`, (one) => (one.to === to ? undefined : { ...one, to })]),
  ['from elsewhere', (one) => ({ ...one, from: one.from === 'CLOSED' ? 'LISTEN' : 'CLOSED' })],
  ['dwelled not', (one) => ({ ...one, dwell: 0 })],
  ['dwelled longer', (one) => ({ ...one, dwell: (one.dwell ?? second) * 3 })],
  ['dwelled a minute', (one) => ({ ...one, dwell: 60 * second })],
  ['of another connection', (one) => ({ ...one, connection: (one.connection ?? 0) + 1 })],
];

const changesOf: { [K in TimelineEvent['kind']]: Change<Extract<TimelineEvent, { kind: K }>>[] } = {
  segment: [...segmentChanges, ...shifts, ...causes] as Change<SegmentEvent>[],
  state: [...stateChanges, ['on the other host', otherHost], ...shifts, ...causes] as Change<StateEvent>[],
  counter: [
    ['rose by one more', (one) => ({ ...one, by: one.by + 1 })],
    ['another counter', (one) => ({ ...one, name: 'TcpExt.Doctored' })],
    ['on the other host', otherHost],
    ...(shifts as never[]),
  ],
  emit: [
    ['code EDOCTORED', (one) => ({ ...one, code: 'EDOCTORED' })],
    ['no code', (one) => (one.code ? { ...one, code: undefined } : undefined)],
    ['a byte more', (one) => ({ ...one, bytes: (one.bytes ?? 0) + 1 })],
    ['other text', (one) => ({ ...one, text: `doctored ${one.text ?? ''}` })],
    ['a character otherwise', (one) => (one.text ? { ...one, text: misspelt(one.text) } : undefined)],
    ['other event', (one) => ({ ...one, name: one.name === 'error' ? 'close' : 'error' })],
    ['of another target', (one) => ({ ...one, target: 'doctored-1' })],
    ['on the other host', otherHost],
    ...(shifts as never[]),
  ],
  call: [
    [
      'errno EDOCTORED',
      (one) => ({ ...one, returned: { at: one.returned?.at ?? one.at, value: -1, errno: 'EDOCTORED' } }),
    ],
    [
      'no errno',
      (one) => (one.returned?.errno ? { ...one, returned: { ...one.returned, errno: undefined } } : undefined),
    ],
    ['returned 12345', (one) => ({ ...one, returned: { at: one.returned?.at ?? one.at, value: 12345 } })],
    [
      'returned 12345 bytes',
      (one) => ({ ...one, returned: { at: one.returned?.at ?? one.at, value: { bytes: 12345, text: 'doctored' } } }),
    ],
    ['returned late', (one) => ({ ...one, returned: { ...one.returned, at: one.at + 100 * second } })],
    ['never returned', (one) => ({ ...one, returned: undefined })],
    [
      'other arguments',
      (one) => ({
        ...one,
        args: one.args.map((argument) => (typeof argument === 'number' ? argument * 7 + 1 : argument)),
      }),
    ],
    ['other call', (one) => ({ ...one, api: one.api === 'close' ? 'send' : 'close' })],
    ['by another', (one) => ({ ...one, by: one.by === 'node' ? 'script' : 'node' })],
    ['of another connection', (one) => ({ ...one, connection: (one.connection ?? 0) + 1 })],
    ['on the other host', otherHost],
    ...(shifts as never[]),
  ],
  process: [
    ['other signal', (one) => ({ ...one, signal: one.signal ? null : 'SIGTERM', code: one.signal ? 0 : null })],
    ['other code', (one) => ({ ...one, code: (one.code ?? 0) + 1 })],
    ['other edge', (one) => ({ ...one, edge: one.edge === 'exit' ? 'start' : 'exit' })],
    ['on the other host', otherHost],
    ...(shifts as never[]),
  ],
  output: [
    ['other text', (one) => ({ ...one, text: 'doctored' })],
    ['a character otherwise', (one) => ({ ...one, text: misspelt(one.text) })],
    ['on the other host', otherHost],
    ...(shifts as never[]),
  ],
  wire: [['other operation', (one) => ({ ...one, operation: 'doctored' })], ...(shifts as never[])],
  stage: [],
};

/**
 * Another history, several things at once that agree with each other: a socket was in another state, by its changes and
 * in every sample.
 */
function* changeHistories(timeline: Timeline, events: TimelineEvent[]): Generator<Doctored> {
  for (const event of events.filter((one) => one.kind === 'state').slice(0, 8)) {
    const later = timeline.events.filter(
      (one) => one.kind === 'state' && one.socket === event.socket && one.at > event.at,
    );
    const [next] = later as StateEvent[];
    const isMeanwhile = ({ host, begin }: Sample) =>
      host === event.host && begin >= event.between[1] && begin < (next?.between[1] ?? Number.POSITIVE_INFINITY);
    const isIts = ({ local, peer }: SocketRow) =>
      local.port === event.local.port && peer.port === event.peer.port && peer.address === event.peer.address;
    for (const state of states.filter((one) => one !== event.to && one !== 'CLOSED')) {
      yield {
        what: `in ${state} instead of ${event.to}: ${event.id}`,
        timeline: {
          ...timeline,
          events: timeline.events.map((one) =>
            one === event ? { ...event, to: state } : one === next ? { ...next, from: state } : one,
          ),
          samples: timeline.samples.map((sample) =>
            isMeanwhile(sample) || sample.id === event.after
              ? { ...sample, rows: sample.rows.map((row) => (isIts(row) ? { ...row, state } : row)) }
              : sample,
          ),
        },
      };
    }
  }
}

/** Every longer word with another letter at its end. */
const misspelt = (text: string): string =>
  text.replace(/[\w+/=]{5,}/g, (word) => word.replace(/[a-z](?=\W*$)/i, (letter) => (letter === 'q' ? 'z' : 'q')));

const rowChanges: Change<SocketRow>[] = [
  ...states.map(
    (state): Change<SocketRow> => [`state ${state}`, (one) => (one.state === state ? undefined : { ...one, state })],
  ),
  ['Recv-Q more', (one) => ({ ...one, recvQ: one.recvQ + 1 })],
  ['Recv-Q empty', (one) => (one.recvQ > 0 ? { ...one, recvQ: 0 } : undefined)],
  ['Send-Q more', (one) => ({ ...one, sendQ: one.sendQ + 1 })],
  ['Send-Q empty', (one) => (one.sendQ > 0 ? { ...one, sendQ: 0 } : undefined)],
  ['no timer', (one) => (one.timer ? { ...one, timer: undefined } : undefined)],
  [
    'a timer',
    (one) => ({
      ...one,
      timer: {
        name: one.timer?.name === 'on' ? 'keepalive' : 'on',
        expiresMs: 777_777,
        resolutionMs: 1,
        retransmits: 3,
      },
    }),
  ],
  ['no process', (one) => (one.inode > 0 ? { ...one, inode: 0 } : undefined)],
  ['a process', (one) => (one.inode > 0 ? undefined : { ...one, inode: 4711 })],
  ['other process', (one) => ({ ...one, raw: 'users:(("doctored",pid=1,fd=1))', info: {} })],
];

function* changeSamples(timeline: Timeline, samples: Sample[]): Generator<Doctored> {
  if (samples.length === 0) return;
  const sets = [...samples.slice(0, 6).map((one) => [one]), ...samples.slice(-6).map((one) => [one]), samples];
  const replace = (set: Sample[], change: (sample: Sample) => Sample): Timeline => ({
    ...timeline,
    samples: timeline.samples.map((sample) => (set.includes(sample) ? change(sample) : sample)),
  });
  for (const set of sets) {
    const name = set
      .map(({ id }) => id)
      .slice(0, 5)
      .join(' ');
    for (const [what, change] of rowChanges) {
      yield {
        what: `every row with ${what}: ${name}`,
        timeline: replace(set, (one) => ({ ...one, rows: one.rows.map((row) => change(row) ?? row) })),
      };
    }
    yield { what: `no rows: ${name}`, timeline: replace(set, (one) => ({ ...one, rows: [] })) };
    // A socket for each end of each connection, in a state nobody expects there.
    for (const state of states) {
      yield {
        what: `a row in ${state} for every connection: ${name}`,
        timeline: replace(set, (one) => ({ ...one, rows: [...one.rows, ...rowsInstead(timeline, one, state)] })),
      };
      yield {
        what: `only rows in ${state}: ${name}`,
        timeline: replace(set, (one) => ({ ...one, rows: rowsInstead(timeline, one, state) })),
      };
    }
  }
}

const rowsInstead = ({ connections }: Timeline, { host }: Sample, state: TcpState): SocketRow[] =>
  connections.map(({ client, server }) => {
    const [local, peer] = host === 'client' ? [client, server] : [server, client];
    return { state, recvQ: 0, sendQ: 0, local, peer, inode: 1, cookie: 'doctored', info: {}, raw: '' };
  });

/** Times as the case expects them, by the ranges its text names: what a case that failed on a time would have to find. */
function* fitTimes(timeline: Timeline, events: TimelineEvent[], expected: string): Generator<Doctored> {
  const ranges = [...expected.matchAll(/([\d.]+) to ([\d.]+) (ms|s)\b/g)];
  for (const [text, low, high, unit] of ranges) {
    const middle = ((Number(low) + Number(high)) / 2) * (unit === 's' ? second : 1e6);
    const changed = replaceEvents(timeline, events, (event) =>
      event.kind === 'state' ? { ...event, dwell: middle } : undefined,
    );
    if (changed) yield { what: `dwelled ${text}`, timeline: changed };
    for (const [index, event] of events.entries()) {
      const previous = events[index - 1];
      if (!previous) continue;
      const by = previous.at + middle - event.at;
      const moved = replaceEvents(timeline, [event], (one) => shifted(one, by));
      if (moved) yield { what: `${event.id} ${text} after ${previous.id}`, timeline: moved };
    }
  }
}

/** What was never there: a copy of something recorded, made into something else. */
function* addEvents(timeline: Timeline, events: TimelineEvent[], samples: Sample[]): Generator<Doctored> {
  const near = [...events, ...neighbours(timeline, events, samples)];
  const templates = [
    ...new Map(
      near.map((event) => [`${event.kind} ${'from' in event ? event.from : ''} ${event.stage}`, event]),
    ).values(),
  ];
  const add = (what: string, template: TimelineEvent, added: TimelineEvent): Doctored => {
    const index = timeline.events.findIndex(({ id }) => id === template.id);
    return {
      what: `added: ${what} beside ${template.id}`,
      timeline: { ...timeline, events: timeline.events.toSpliced(index + 1, 0, { ...added, id: 'e99999' }) },
    };
  };
  for (const template of templates) {
    yield add('a copy', template, template);
    for (const [what, change] of changesOf[template.kind] as Change<TimelineEvent>[]) {
      const added = change(structuredClone(template));
      if (added) yield add(what, template, added);
    }
  }
}

/** What happened in the same stages and on the same connections as the evidence. */
const neighbours = (timeline: Timeline, events: TimelineEvent[], samples: Sample[]): TimelineEvent[] => {
  const stages = new Set(events.map(({ stage }) => stage));
  const spans =
    samples.length > 0
      ? [Math.min(...samples.map(({ begin }) => begin)), Math.max(...samples.map(({ end }) => end))]
      : [0, -1];
  return timeline.events.filter(
    (event) =>
      !events.includes(event) &&
      event.kind !== 'stage' &&
      (stages.has(event.stage) || (event.at >= (spans[0] as number) && event.at <= (spans[1] as number))),
  );
};

// Lets a run go on step by step: what is held is decided by keys, one at a time. It keeps the view of the lab that the
// screen shows, and has ss look again when a kernel timer should have fired meanwhile.
import { takeTurns } from '../control/in-turn.ts';
import { now } from '../record/clock.ts';
import { hostsOfLab, perHost, twoHosts } from '../record/hosts.ts';
import type { Progress, Stepper } from '../session/progress.ts';
import { parseSocketTable } from '../timeline/reading/ss.ts';
import type { Order } from '../wire/gate.ts';
import type { RawSample } from '../witness/ss.ts';
import { type Goal, goalWords, type Held, heldView, targetWords } from './goal.ts';
import type { Key } from './keys.ts';
import { liveEvents } from './live-events.ts';
import { nextLook } from './next-look.ts';
import type { StepView } from './screen/view.ts';
import { sourceLine } from './source-line.ts';
import { watchFor } from './target.ts';
import { takeTyping } from './typing.ts';

/** `interrupt` ends the run as Ctrl-C does. */
export const createStepping = ({ experiment, interrupt }: { experiment: string; interrupt(): void }) => {
  const rows: StepView['rows'] = perHost(() => []);
  const takenAt = perHost(() => 0);
  const live = liveEvents();
  let hosts = twoHosts;
  let goal: Goal = { to: 'segment' };
  let held: Held | undefined;
  let decide: ((order: Order) => void) | undefined;
  let look: ((reason: string) => Promise<unknown>) | undefined;
  let looking: Promise<unknown> | undefined;
  let lookAgainAt = Number.POSITIVE_INFINITY;
  let seenBehind = 0;
  let waitedBefore = 0;
  let isOver = false;
  let call: StepView['call'];
  let activity = 'the lab starts';
  let message: string | undefined;
  let isHelp = false;

  /** One decision after the other, in the order in which they are asked for. */
  const inTurn = takeTurns();

  /** Wait for a key that decides. After an interrupt nothing is decided any more. */
  const ask = async (what: Held): Promise<Order> => {
    if (isOver) return new Promise<never>(() => {});
    if (goal.to === 'state') message = goal.hasCome ? `${targetWords(goal.target)} has come.` : undefined;
    goal = { to: 'segment' };
    held = what;
    seenBehind = 0;
    const decision = Promise.withResolvers<Order>();
    decide = decision.resolve;
    refresh();
    const order = await decision.promise;
    waitedBefore += performance.now() - what.since;
    held = undefined;
    decide = undefined;
    await looking;
    return order;
  };

  /** Have ss look at all hosts, unless it is at it. */
  const refresh = () => {
    if (!look || looking || isOver) return;
    const reason = held?.kind === 'segment' ? `stepping, before frame ${held.waiting.segment.frame}` : 'stepping';
    looking = look(reason)
      .catch(() => {})
      .finally(() => {
        looking = undefined;
      });
  };

  const framesBehind = () => (held?.kind === 'segment' ? held.waiting.behind() : []);

  const isHeldNow = (): boolean => goal.to === 'segment' || (goal.to === 'state' && goal.hasCome);

  const stepper: Stepper = {
    isShut: () => goal.to !== 'end' && !isOver,
    begin: ({ folder, plan, sample }) => {
      look = sample;
      hosts = hostsOfLab(plan);
      live.begin(folder, plan);
    },
    frame: (waiting) =>
      inTurn(async () => {
        if (goal.to === 'state' && !goal.hasCome) await look?.('stepping');
        return isHeldNow() ? ask({ kind: 'segment', waiting, since: performance.now() }) : 'pass';
      }),
    call: (what, source) =>
      inTurn(async () => {
        if (goal.to === 'call' || (goal.to === 'state' && goal.hasCome))
          await ask({ kind: 'call', what, source, since: performance.now() });
      }),
    waited: () => waitedBefore + (held ? performance.now() - held.since : 0),
  };

  const say = (words: string) => {
    activity = words;
  };

  const progress: Required<Pick<Progress, 'step' | 'sample' | 'waiting' | 'goesOn'>> & { phase(name: string): void } = {
    step: (step, what, source) => {
      call = { step, what, ...sourceLine(source) };
      say('the call is made, and what follows from it');
    },
    sample: (host, { text, end }: RawSample) => {
      const table = parseSocketTable(text);
      if (table.damage !== undefined) return;
      rows[host] = table.rows;
      takenAt[host] = end / 1e6;
      live.touch();
      lookAgainAt = nextLook(rows, takenAt);
      if (goal.to === 'state' && goal.watch.hasCome(host, table.rows)) goal.hasCome = true;
    },
    waiting: (what) => say(`the script waits for ${what}`),
    goesOn: () => say('the script goes on'),
    phase: (name) => {
      if (name !== 'start' && name !== 'run') isOver = true;
    },
  };

  const goOn = (next: Goal, order: Order = 'pass') => {
    goal = next;
    message = undefined;
    decide?.(order);
  };

  /** Deliver, drop and duplicate are for the segment on the screen: there is no typing ahead. */
  const decideSegment = (order: Order) => {
    if (held?.kind === 'segment' || (held && order === 'pass')) return goOn({ to: 'segment' }, order);
    if (order !== 'pass') message = held ? 'A call is held, not a segment.' : 'No segment is held now.';
    else if (goal.to !== 'segment') {
      goal = { to: 'segment' };
      message = 'The next segment will be held.';
    }
  };

  const toggleHelp = () => {
    isHelp = !isHelp;
  };

  const quit = () => {
    isOver = true;
    interrupt();
  };

  const commands: Record<string, () => void> = {
    ' ': () => decideSegment('pass'),
    x: () => decideSegment('drop'),
    d: () => decideSegment('duplicate'),
    n: () => goOn({ to: 'call' }),
    e: () => goOn({ to: 'end' }),
    q: quit,
    s: () => typing.begin(),
    '?': toggleHelp,
  };

  const typing = takeTyping({
    choose: (target) => goOn({ to: 'state', target, watch: watchFor(target, rows), hasCome: false }),
    say: (words) => {
      message = words;
    },
  });

  return {
    stepper,
    progress,
    isOver: () => isOver,
    /** A key was pressed. */
    press: (key: Key) => {
      if (isOver) return;
      if (key === 'interrupt') return quit();
      if (typing.isUnderWay()) return typing.press(key);
      if (isHelp) return toggleHelp();
      if (key === 'enter' || key === 'right') return decideSegment('pass');
      if (typeof key === 'object') commands[key.character]?.();
    },
    /** To be called every 100 ms or so. */
    tick: () => {
      const behind = framesBehind().length;
      const isDue = goal.to !== 'end' && now() / 1e6 >= lookAgainAt;
      if (behind !== seenBehind || isDue) refresh();
      seenBehind = behind;
      live.refresh(held?.kind === 'segment' ? held.waiting.segment.frame : undefined);
    },
    view: (): StepView => ({
      experiment,
      call,
      hosts,
      rows,
      ages: perHost((host) => now() / 1e6 - takenAt[host]),
      events: live.events(),
      held: held && heldView(held),
      behind: framesBehind().map(({ frame, from, to, text }) => ({ frame, from, to, text })),
      activity,
      running: goal.to === 'segment' ? undefined : goalWords(goal),
      message,
      typed: typing.view(),
      isHelp,
    }),
  };
};

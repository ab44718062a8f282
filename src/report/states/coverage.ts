// Which transitions of RFC 9293's diagram a run shows, and over many runs: which were witnessed, by which experiment,
// and which never.
import { type HostName, hostNames, perHost } from '../../record/hosts.ts';
import type { StateEvent, Timeline, TimelineEvent } from '../../timeline/schema.ts';
import { keyOf, type Transition, transitions } from '../../timeline/states/transitions.ts';

/**
 * The state changes of each end, by the transition of the diagram they are. Those the RFC's figure does not draw are
 * among them.
 */
export type Paths = Record<HostName, Map<string, string[]>>;

/** Ids of the events that show each transition, by end. */
export const pathsOf = ({ events }: Timeline): Paths => {
  const paths: Paths = perHost(() => new Map());
  const byId = new Map(events.map((event) => [event.id, event]));
  for (const event of events) {
    // Whatever way it went, it was not in one go.
    if (event.kind !== 'state' || (event.unseen && event.to === 'CLOSED')) continue;
    const key = transitionOf(event, byId);
    paths[event.host].set(key, [...(paths[event.host].get(key) ?? []), event.id]);
  }
  return paths;
};

/** Linux makes a socket of its own of each connection a listener gets; the RFC lets the listener itself change its state. */
const transitionOf = ({ from, to, cause }: StateEvent, byId: Map<string, TimelineEvent>): string => {
  if (from === 'CLOSED' && to === 'SYN-RECEIVED') return 'LISTEN>SYN-RECEIVED';
  if (from === 'SYN-RECEIVED' && to === 'CLOSED' && cause?.kind === 'segment') {
    const segment = byId.get(cause.event);
    if (segment?.kind === 'segment' && segment.flags.includes('R')) return 'SYN-RECEIVED>LISTEN';
  }
  return keyOf({ from, to });
};

export type Witnessed = Transition & {
  /** Experiments whose runs show it, with an event each: empty when none does. */
  by: { experiment: string; event: string; host: HostName }[];
};

export type Coverage = {
  drawn: Witnessed[];
  /** Witnessed, though the figure does not draw it: the ways to CLOSED by reset, abort and timeout. */
  beyond: Pick<Witnessed, 'from' | 'to' | 'by'>[];
  /** Several transitions between two samples of ss, of which only the first and the last state were seen. */
  skipped: Pick<Witnessed, 'from' | 'to' | 'by'>[];
};

/** What the runs witnessed, one run of each experiment. */
export const coverageOf = (runs: { experiment: string; paths: Paths }[]): Coverage => {
  const witnesses = new Map<string, Witnessed['by']>();
  for (const { experiment, paths } of runs) {
    for (const host of hostNames) {
      for (const [key, [event = '']] of paths[host]) {
        const by = witnesses.get(key) ?? [];
        if (!by.some((one) => one.experiment === experiment)) by.push({ experiment, event, host });
        witnesses.set(key, by);
      }
    }
  }
  const drawn = transitions.map((transition) => ({ ...transition, by: witnesses.get(keyOf(transition)) ?? [] }));
  const known = new Set(transitions.map(keyOf));
  const others = [...witnesses]
    .filter(([key]) => !known.has(key))
    .map(([key, by]) => {
      const [from, to] = key.split('>') as [Transition['from'], Transition['to']];
      return { from, to, by };
    })
    .sort((a, b) => keyOf(a).localeCompare(keyOf(b)));
  return {
    drawn,
    beyond: others.filter(({ to }) => to === 'CLOSED'),
    skipped: others.filter(({ to }) => to !== 'CLOSED'),
  };
};

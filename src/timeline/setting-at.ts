// The settings a script makes of a host's network stack, as they stood at a moment.
import type { HostName } from '../record/hosts.ts';
import type { CallEvent, Timeline } from './schema.ts';

/** What the script had last set a sysctl or a metric of the route to by `at` (ns since the start of the run). */
export const settingAt = (timeline: Timeline, host: HostName, name: string, at: number): string | undefined => {
  const known =
    settings.get(timeline) ??
    Map.groupBy(
      timeline.events.filter((one) => one.kind === 'call').filter(({ via, args }) => via === 'host' && args.length > 1),
      (one) => `${one.host} ${one.args[0]}`,
    );
  settings.set(timeline, known);
  const last = known.get(`${host} ${name}`)?.findLast((one) => one.at <= at);
  return last && String(last.args[1]);
};

const settings = new WeakMap<Timeline, Map<string, CallEvent[]>>();

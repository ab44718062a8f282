// The bounds of the retransmission timeout that a run has set.
import type { HostName } from '../../record/hosts.ts';
import type { CallEvent, Timeline } from '../../timeline/schema.ts';

/**
 * TCP_RTO_MIN is 200 ms; `rto_min` of the route and, since Linux 6.11, net.ipv4.tcp_rto_min_us change it
 * (tcp_rto_min(), include/net/tcp.h).
 */
export const rtoMinOf = (timeline: Timeline, host: HostName, at: number): number => {
  const route = settingAt(timeline, host, 'rto_min', at);
  if (route !== undefined) return Number.parseFloat(route) * (/\ds$/.test(route) ? 1000 : 1);
  return Number(settingAt(timeline, host, 'net.ipv4.tcp_rto_min_us', at) ?? 200_000) / 1000;
};

/** TCP_RTO_MAX is two minutes; since Linux 6.15 net.ipv4.tcp_rto_max_ms changes it. */
export const rtoMaxOf = (timeline: Timeline, host: HostName, at: number): number =>
  Number(settingAt(timeline, host, 'net.ipv4.tcp_rto_max_ms', at) ?? 120_000);

/** What the script had last set a sysctl or a metric of the route to. */
const settingAt = (timeline: Timeline, host: HostName, name: string, at: number): string | undefined => {
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

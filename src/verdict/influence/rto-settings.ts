// The bounds of the retransmission timeout that a run has set.
import type { HostName } from '../../record/hosts.ts';
import type { Timeline } from '../../timeline/schema.ts';
import { settingAt } from '../../timeline/setting-at.ts';

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

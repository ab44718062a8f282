// What the kernels measured and set their retransmission timers to, and what the hosts have from the machine, in words.
import type { ConnectionTimers, Environment } from '../../verdict/schema.ts';

/** One line for all connections; empty where ss has shown no timers. */
export const timersInShort = ({ timers = [] }: Environment): string => {
  if (timers.length === 0) return '';
  const rtt = rangeWords(
    timers.map((one) => one.rtt),
    1,
  );
  const rtos = timers.flatMap((one) => (one.rto ? [one.rto] : []));
  const where = rtos.length < timers.length ? ` at ${rtos.length} of ${timers.length} ends` : '';
  const rto = rtos.length > 0 ? `, RTO ${rangeWords(rtos, 0)} ms${where}` : '';
  const raised = timers.filter((one) => one.raised);
  const observer =
    raised.length === 0
      ? 'none raised by the wire'
      : `raised by the wire's pauses at ${raised.length} of ${timers.length} ends, ${withoutWords(raised)} ms there without`;
  return `RTT ${rtt} ms${rto} (ss); ${observer}`;
};

const withoutWords = (raised: readonly ConnectionTimers[]): string =>
  rangeWords(
    raised.map(({ undisturbed }) => [undisturbed, undisturbed]),
    0,
  );

/** One line for each end of each connection. */
export const timersInFull = ({ timers = [] }: Environment): string[] => timers.map(lineOf);

const lineOf = ({
  connection,
  host,
  rtt,
  minRtt,
  rto,
  undisturbed,
  raised,
  congestionControl,
}: ConnectionTimers): string =>
  [
    `#${connection} ${host}: RTT ${rangeWords([rtt], 1)} ms${minRtt === undefined ? '' : ` (least ${minRtt.toFixed(1)})`}`,
    rto ? `RTO ${rangeWords([rto], 0)} ms` : '',
    raised ? `raised by the wire's pauses, ${undisturbed} ms without` : '',
    congestionControl ?? '',
  ]
    .filter(Boolean)
    .join(', ');

/** `bbr (the kernel's default is cubic)`; the same on both hosts is said once. */
export const inheritedWords = ({ inherited = [] }: Environment): string[] => {
  const byWords = Map.groupBy(
    inherited,
    ({ name, value, default: usual }) => `${nameWords(name)} ${value} (default ${usual})`,
  );
  return [...byWords].map(([words, hosts]) => (hosts.length > 1 ? words : `${hosts[0]?.host}: ${words}`));
};

const nameWords = (name: string) => (name === 'net.ipv4.tcp_congestion_control' ? 'congestion control' : name);

const rangeWords = (ranges: readonly (readonly [number, number])[], digits: number): string => {
  const low = Math.min(...ranges.map(([from]) => from)).toFixed(digits);
  const high = Math.max(...ranges.map(([, to]) => to)).toFixed(digits);
  return low === high ? low : `${low} to ${high}`;
};

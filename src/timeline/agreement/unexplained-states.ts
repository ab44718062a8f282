// What ss shows a socket in against what tcpdump captured: some states are entered only when a segment arrives (RFC
// 9293, figure 5).

import type { Gap } from '../../record/gap.ts';
import type { HostName } from '../../record/hosts.ts';
import type { TcpState } from '../../record/tcp-state.ts';
import type { SegmentEvent, StateEvent } from '../schema.ts';
import { count } from './count.ts';

const entered: Partial<Record<TcpState, string>> = {
  'FIN-WAIT-2': 'acknowledges its FIN',
  'CLOSE-WAIT': 'brings a FIN',
  CLOSING: 'brings a FIN',
};

/** `isExplained` says whether an arrival that can have made the change is in the captures. */
export const unexplainedStates = (
  states: readonly { event: StateEvent; isExplained: boolean }[],
  segments: readonly SegmentEvent[],
): Gap[] => {
  const opened = new Set(segments.filter(({ flags }) => flags.includes('S')).map(({ connection }) => connection));
  const found = Map.groupBy(
    states.filter(
      ({ event: { to, connection }, isExplained }) =>
        !isExplained && entered[to] !== undefined && connection !== undefined && opened.has(connection),
    ),
    ({ event: { host, to } }) => `${host} ${to}`,
  );
  return [...found].map(([key, list]) => {
    const [host, to] = key.split(' ') as [HostName, TcpState];
    const reason = `by ss ${count(list.length, 'socket')} of the ${host} went to ${to}, and ${host}.pcap holds no segment that ${entered[to]} by then`;
    return { witness: 'tcpdump' as const, host, reason };
  });
};

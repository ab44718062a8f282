// The state somebody wants a run to go on to, as they type it, and whether it has come.
import { type HostName, hostNames, hostsIn, perHost } from '../record/hosts.ts';
import type { SocketRow } from '../record/samples.ts';
import { type TcpState, tcpState } from '../record/tcp-state.ts';

export type Target = { state: TcpState; host?: HostName };

/** The states that what is typed can stand for: `time-wait`, `TIME_WAIT`, `timew` and `server time-wait` stand for one. */
export const targetsOf = (typed: string): Target[] => {
  const [first = '', ...others] = typed.trim().split(/\b/);
  const host = hostNames.find((one) => one === first.toLowerCase());
  const name = host ? others.join('') : typed;
  const begins = (spell: (text: string) => string) =>
    tcpState.options.filter((state) => spell(state).startsWith(spell(name)));
  const exact = tcpState.options.filter((state) => bare(state) === bare(name));
  const states = [exact, begins(hyphenated), begins(bare)].find(({ length }) => length > 0) ?? [];
  return states.map((state) => (host ? { state, host } : { state }));
};

const hyphenated = (name: string) => name.trimStart().replaceAll(/[_ ]/g, '-').toUpperCase();
const bare = (name: string) => name.replaceAll(/[^a-z0-9]/gi, '').toUpperCase();

/** Notices when a socket comes into the state; one that is in it already does not count. CLOSED is a row of ss that goes away. */
export const watchFor = ({ state, host }: Target, rows: Record<HostName, SocketRow[]>) => {
  const before = perHost((one) => standing(rows[one], state), hostsIn(rows));
  return {
    /** Whether it has come, by what ss shows of a host now. */
    hasCome: (where: HostName, now: SocketRow[]): boolean => {
      const known = before[where];
      const next = standing(now, state);
      before[where] = next;
      if (host !== undefined && where !== host) return false;
      return state === 'CLOSED' ? known.difference(next).size > 0 : next.difference(known).size > 0;
    },
  };
};

/** The sockets in a state; for CLOSED those that are in any. */
const standing = (rows: SocketRow[], state: TcpState): Set<string> =>
  new Set(
    rows
      .filter((row) => state === 'CLOSED' || row.state === state)
      .map(({ local, peer }) => `${local.port} ${peer.port}`),
  );

// What the samples tell of one socket, from one to the next. The kernel's cookie is its identity for as long as it
// lives: it goes through the states in one direction (RFC 9293, section 3.3.2), and does not vanish and come back.

import type { ApiRecord } from '../../record/api-records.ts';
import type { Gap } from '../../record/gap.ts';
import { type HostName, hostNames } from '../../record/hosts.ts';
import type { SocketRow } from '../../record/samples.ts';
import type { TcpState } from '../../record/tcp-state.ts';
import type { RecordedSample } from '../reading/samples.ts';
import { ranProgram } from './programs.ts';

export const socketLives = (samples: RecordedSample[], api: ApiRecord[]): Gap[] =>
  hostNames.flatMap((host) => {
    const good = samples.filter((sample) => sample.host === host && sample.failure === undefined);
    const reasons = [backwards(host, good), cameBack(host, good, beginningsOn(host, api))];
    return reasons.flatMap((reason) => (reason === undefined ? [] : [{ witness: 'ss' as const, host, reason }]));
  });

/**
 * The states that may come after each, however many go by unseen. A socket whose connect() failed, that listens no
 * more, or that connect(AF_UNSPEC) has undone, may begin again.
 */
const beginsAgain: TcpState[] = ['CLOSED', 'LISTEN', 'SYN-SENT'];
const after: Record<TcpState, TcpState[]> = {
  CLOSED: [],
  LISTEN: beginsAgain,
  'SYN-SENT': [],
  'SYN-RECEIVED': [],
  ESTABLISHED: [],
  'FIN-WAIT-1': ['FIN-WAIT-2', 'CLOSING', 'TIME-WAIT', ...beginsAgain],
  'FIN-WAIT-2': ['TIME-WAIT', ...beginsAgain],
  'CLOSE-WAIT': ['LAST-ACK', ...beginsAgain],
  CLOSING: ['TIME-WAIT', 'CLOSED'],
  'LAST-ACK': ['CLOSED'],
  'TIME-WAIT': ['CLOSED'],
};
const synchronised: TcpState[] = ['FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'];
after.ESTABLISHED = [...synchronised, ...beginsAgain];
after['SYN-RECEIVED'] = ['ESTABLISHED', ...synchronised, 'CLOSED'];
after['SYN-SENT'] = ['SYN-RECEIVED', 'ESTABLISHED', ...synchronised, ...beginsAgain];
after.CLOSED = ['SYN-RECEIVED', 'ESTABLISHED', ...synchronised, ...beginsAgain];

const backwards = (host: HostName, samples: RecordedSample[]): string | undefined => {
  const last = new Map<string, TcpState>();
  for (const { number, rows } of samples) {
    for (const row of rows) {
      if (row.cookie === '') continue;
      const before = last.get(keyOf(row));
      if (before !== undefined && before !== row.state && !after[before].includes(row.state))
        return `by sample ${number} of ss-${host}.txt a socket went from ${before} to ${row.state}`;
      last.set(keyOf(row), row.state);
    }
  }
  return undefined;
};

/**
 * When something on the host may have had a socket begin again that was CLOSED, which ss does not show: connect() after
 * one that failed, listen() after shutdown(). A program may at any time.
 */
const beginningsOn = (host: HostName, api: ApiRecord[]) => {
  const hasProgram = ranProgram(api, host);
  const calls = api.filter(
    (one) => one.type === 'call' && one.host === host && (one.api === 'connect' || one.api.startsWith('listen')),
  );
  return (from: number, to: number): boolean => hasProgram || calls.some(({ t }) => t >= from && t <= to);
};

const cameBack = (
  host: HostName,
  samples: RecordedSample[],
  hasBegun: ReturnType<typeof beginningsOn>,
): string | undefined => {
  const seen = new Map<string, number>();
  for (const [index, { number, rows }] of samples.entries()) {
    for (const row of rows) {
      if (row.cookie === '') continue;
      const before = seen.get(keyOf(row)) ?? index - 1;
      const isAnew = row.state === 'SYN-SENT' || row.state === 'LISTEN';
      const since = samples[before]?.begin ?? 0;
      if (before !== index - 1 && !(isAnew && hasBegun(since, samples[index]?.end ?? since)))
        return `sample ${number - 1} of ss-${host}.txt lacks a socket that the samples before and after it show`;
      seen.set(keyOf(row), index);
    }
  }
  return undefined;
};

const keyOf = ({ cookie, local, peer }: SocketRow) => `${cookie} ${local.port} ${peer.address} ${peer.port}`;

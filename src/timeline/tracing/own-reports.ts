// Processes that are driven call by call report their calls themselves. Where strace watched one as well, both records
// must say the same: how often which call was made on which descriptor, and with what outcome. Of what Node calls for
// itself only shutdown(2) is reported one for one, and by sockets that have no descriptor for a script.
import type { ApiRecord } from '../../record/api-records.ts';
import { fieldIn } from '../../record/fields.ts';
import type { Gap } from '../../record/gap.ts';
import type { HostName } from '../../record/hosts.ts';
import { targetOf } from '../calls/socket-book.ts';

type Of<Type extends ApiRecord['type']> = Extract<ApiRecord, { type: Type }>;

/** A gap for each call that one of the two records has more often than the other. */
export const reportGaps = (
  { host, process }: { host: HostName; process: string },
  reported: readonly ApiRecord[],
  traced: readonly ApiRecord[],
): Gap[] => {
  const isOwn = (one: ApiRecord): one is Of<'call'> =>
    one.type === 'call' && one.host === host && one.process === process;
  const isRaw = reported.some((one) => isOwn(one) && one.via === 'raw');
  const nameOf = isRaw ? rawCall : nodeCall;
  const countAll = (records: readonly ApiRecord[]): Map<string, number> => {
    const returns = new Map(records.flatMap((one) => (one.type === 'return' ? [[one.call, one] as const] : [])));
    const counts = new Map<string, number>();
    for (const call of records.filter(isOwn)) {
      const name = nameOf(call, returns.get(call.call));
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  };
  const [told, seen] = [countAll(reported), countAll(traced)];
  return [...new Set([...told.keys(), ...seen.keys()])].flatMap((name): Gap[] => {
    const [one, other] = [told.get(name) ?? 0, seen.get(name) ?? 0];
    if (one === other) return [];
    const reason = `${process} reports ${name} ${times(one)}, and strace shows it ${times(other)}`;
    return [{ witness: 'strace', host, reason }];
  });
};

/** Calls that a raw process makes one for one. */
const oneForOne = new Set([
  ...['socket', 'bind', 'listen', 'accept', 'connect', 'shutdown', 'close', 'dup', 'setsockopt'],
  ...['send', 'write', 'recv', 'read'],
]);

/** `close(fd 5) = 0`. strace leaves out what found nothing yet, and knows no socket behind a number that is none. */
const rawCall = (call: Of<'call'>, back: Of<'return'> | undefined): string | undefined => {
  if (!oneForOne.has(call.api) || back?.errno === 'EAGAIN' || back?.errno === 'EBADF') return undefined;
  return `${call.api}(${call.api === 'socket' ? '' : targetOf(call)}) ${outcomeOf(back)}`;
};

const nodeCall = ({ api, via, by }: Of<'call'>, back: Of<'return'> | undefined): string | undefined =>
  api === 'shutdown' && (via === 'strace' || by === 'node') && !back?.errno ? 'shutdown()' : undefined;

const outcomeOf = (back: Of<'return'> | undefined): string => {
  if (!back) return 'without a return';
  if (back.errno) return `= -1 ${back.errno}`;
  const value = fieldIn(back.value, 'bytes') ?? fieldIn(back.value, 'fd') ?? back.value;
  return `= ${typeof value === 'number' ? value : 0}`;
};

const times = (count: number): string => `${count} time${count === 1 ? '' : 's'}`;

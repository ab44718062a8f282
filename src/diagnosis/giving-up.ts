// When the kernel gives a connection up whose data nobody acknowledges.
import { settingAt } from '../timeline/setting-at.ts';
import { rtoMaxOf } from '../verdict/influence/rto-settings.ts';
import type { End, Facts } from './facts.ts';

/** TCP_RTO_MIN (include/net/tcp.h): what the time is reckoned from, whatever the socket's own timeout is (ms). */
const base = 200;

/**
 * How long so many retransmissions take when the timeout begins at 200 ms and doubles up to `most` (ms); tcp_model_timeout()
 * in net/ipv4/tcp_timer.c.
 */
export const retransmittingFor = (retries: number, most: number): number => {
  const doubled = Math.floor(Math.log2(most / base));
  const last = Math.min(retries, doubled);
  return (2 ** (last + 1) - 1) * base + (retries - last) * most;
};

const usual = { tcp_retries2: 15, tcp_orphan_retries: 0 };

/**
 * A sentence on it. tcp_write_timeout() gives up at the first timer that runs out later than that after the first
 * retransmission; TCP_USER_TIMEOUT takes its place, and of a socket no process has any more it is tcp_orphan_retries.
 */
export const givingUp = (facts: Facts, end: End, { at, isOrphan }: { at: number; isOrphan: boolean }): string => {
  const { timeline } = facts;
  const own = facts.calls(end).findLast(({ api, args }) => api === 'setsockopt' && args.includes('TCP_USER_TIMEOUT'));
  const asked = Number(/\d+/.exec(String(own?.args[own.args.indexOf('TCP_USER_TIMEOUT') + 1]))?.[0] ?? 0);
  const name = isOrphan ? 'tcp_orphan_retries' : 'tcp_retries2';
  const set = Number(settingAt(timeline, end.host, `net.ipv4.${name}`, at) ?? usual[name]);
  const retries = isOrphan && set === 0 ? 8 : set; // tcp_orphan_retries()
  const [time, why] =
    asked > 0
      ? [asked, `TCP_USER_TIMEOUT is ${asked} ms`]
      : [retransmittingFor(retries, rtoMaxOf(timeline, end.host, at)), `${name} is ${retries}`];
  const told = isOrphan ? 'nobody is told, for no process has the socket any more' : 'the program then gets ETIMEDOUT';
  return ` The kernel gives up when a timer runs out more than ${(time / 1000).toFixed(1)} s after it first sent it again (${why}); ${told}.`;
};

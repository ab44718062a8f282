// How long TIME-WAIT lasts on this kernel, and which settings change that: one connection per setting, and all minutes pass together.
import {
  all,
  type ConnectionView,
  equal,
  experiment,
  finding,
  type HostName,
  holds,
  kernelTime,
  type StateEvent,
  states,
  type View,
  within,
} from '#finwait';

const port = 50000;
const kernelsMinute = 60; // seconds: TCP_TIMEWAIT_LEN, compiled in

/** Settings of the client, each in force while one connection closes; what it was set to is put back when the minute is over. */
const settings: Record<string, Record<string, number>> = {
  'tcp_fin_timeout 5': { tcp_fin_timeout: 5 },
  'tcp_fin_timeout 240': { tcp_fin_timeout: 240 },
  'tcp_tw_reuse 1': { tcp_tw_reuse: 1 },
  'tcp_timestamps 0': { tcp_timestamps: 0 },
  'everything else that is a time of TCP, small': {
    tcp_keepalive_time: 5,
    tcp_keepalive_intvl: 1,
    tcp_orphan_retries: 1,
    tcp_retries2: 3,
    tcp_rfc1337: 1,
  },
  'tcp_max_tw_buckets 0': { tcp_max_tw_buckets: 0 },
};

export default experiment({
  title: 'How long TIME-WAIT lasts',
  article: ['close-variants', 'establish-and-release'],
  longestWaitSeconds: 61,

  async run({ client, server, stage }) {
    const app = await server.node();
    await app.listen(port, { allowHalfOpen: true });
    const browser = await client.node();

    const closeFirst = async (active: HostName) => {
      const socket = await browser.connect(server, port, { allowHalfOpen: true });
      const accepted = await app.accepted();
      const [first, second] = active === 'client' ? [socket, accepted] : [accepted, socket];
      await first.end();
      await second.end();
    };

    await stage('the server closes first', () => closeFirst('server'));
    await stage('the client closes first', () => closeFirst('client'));
    for (const [name, values] of Object.entries(settings)) {
      await stage(name, async () => {
        const before: [string, string][] = [];
        for (const [sysctl, value] of Object.entries(values))
          before.push([sysctl, await client.sysctl(`net.ipv4.${sysctl}`, value)]);
        await closeFirst('client');
        // tcp_fin_timeout stays at the last value for the whole minute, should anybody look at it later than at the start.
        for (const [sysctl, value] of before)
          if (sysctl !== 'tcp_fin_timeout') await client.sysctl(`net.ipv4.${sysctl}`, value);
      });
    }

    await stage('the minute passes', async () => {
      await Promise.all([
        server.untilGone({ localPort: port, state: 'TIME-WAIT' }),
        client.untilGone({ peerPort: port }),
      ]);
    });
  },

  findings: {
    B10: finding(
      'TIME-WAIT lasts 2 MSL, with MSL two minutes, so four minutes',
      {
        'default settings': (run) => lasts(waited(run, 'the client closes first'), 240),
        'tcp_fin_timeout 240': (run) => lasts(waited(run, 'tcp_fin_timeout 240'), 240),
        'every other time of TCP changed': (run) =>
          lasts(waited(run, 'everything else that is a time of TCP, small'), 240),
      },
      'Linux has no MSL: TCP_TIMEWAIT_LEN in include/net/tcp.h is 60 seconds, compiled in. Two minutes are the MSL of RFC 9293, section 3.4.2.',
    ),
    D7: finding(
      'TIME-WAIT is 2 MSL: 240 seconds (the article says so of Windows)',
      {
        'the client has closed first': (run) => lasts(waited(run, 'the client closes first'), 240),
        'the server has closed first': (run) => lasts(waited(run, 'the server closes first', 'server'), 240),
      },
      'Decided for this kernel (TCP_TIMEWAIT_LEN, 60 seconds); what Windows does is not on this wire.',
    ),
    D10: finding(
      'The remedy against TIME-WAIT sockets is to shorten TIME-WAIT',
      Object.fromEntries(
        Object.keys(settings)
          .filter((name) => name !== 'tcp_fin_timeout 240')
          .map((name) => [name, (run: View) => isShorter(run, name)]),
      ),
      'tcp_time_wait() in net/ipv4/tcp_minisocks.c arms TCP_TIMEWAIT_LEN whatever the settings; tcp_fin_timeout is for FIN-WAIT-2 alone. ' +
        'tcp_max_tw_buckets shortens nothing: a socket beyond it never enters TIME-WAIT.',
    ),
    D3: finding(
      'The closer goes FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, CLOSED; the other end CLOSE-WAIT, LAST-ACK, CLOSED',
      {
        'the client closes first': (run) => toTheEnd(waited(run, 'the client closes first'), 'client', 'server'),
        'the server closes first': (run) =>
          toTheEnd(waited(run, 'the server closes first', 'server'), 'server', 'client'),
      },
    ),
  },
});

type Waited = { connection: ConnectionView; timeWait?: StateEvent; end?: StateEvent; milliseconds: number };

/** The connection of a stage, seen over the whole run: when it entered TIME-WAIT, and the first sample in which its row is gone. */
const waited = (run: View, stage: string, host: HostName = 'client'): Waited => {
  const connection = run.connection(run.during(stage).connection().number);
  const timeWait = connection.states(host).find(({ to }) => to === 'TIME-WAIT');
  const end = connection.states(host).find(({ to }) => to === 'CLOSED');
  return { connection, timeWait, end, milliseconds: end ? (end.between[1] - (timeWait ?? end).at) / 1e6 : Number.NaN };
};

const lasts = ({ milliseconds, timeWait, end }: Waited, seconds: number) =>
  within('TIME-WAIT', kernelTime(seconds * 1000), timeWait ? milliseconds : Number.NaN, 'ms', [timeWait, end]);

const isShorter = (run: View, name: string) => {
  const { timeWait, end, milliseconds } = waited(run, name);
  const set = run
    .during(name)
    .client.calls('sysctl')
    .slice(0, Object.keys(settings[name] ?? {}).length);
  const actual = timeWait ? `TIME-WAIT: ${(milliseconds / 1000).toFixed(1)} s` : 'TIME-WAIT is never entered';
  const shorter = end !== undefined && (!timeWait || milliseconds < kernelsMinute * 1000);
  return holds(`TIME-WAIT: less than ${kernelsMinute} s`, actual, shorter, [...set, timeWait, end]);
};

const toTheEnd = ({ connection }: Waited, active: HostName, passive: HostName) => {
  const closing = (host: HostName) =>
    connection.states(host).filter(({ to }) => !['SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED'].includes(to));
  const end = connection.states(active).at(-1);
  return all(
    states('active close', ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED'], closing(active)),
    equal(
      'what ends TIME-WAIT',
      'timer timewait',
      end?.cause?.kind === 'timer' ? `timer ${end.cause.timer}` : end?.cause?.kind,
      end ? [end] : [],
    ),
    states('passive close', ['CLOSE-WAIT', 'LAST-ACK', 'CLOSED'], closing(passive)),
  );
};

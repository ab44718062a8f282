// How long TIME-WAIT lasts on this kernel, and which settings change that: one connection per setting, and all minutes
// pass together.
import {
  all,
  contrast,
  elapsed,
  equal,
  experiment,
  finding,
  holds,
  kernelTime,
  limit,
  states,
  type View,
  within,
} from '#finwait';

type Side = 'client' | 'server';
const port = 50000;
const kernelsMinute = 60; // seconds: TCP_TIMEWAIT_LEN, compiled in

const finTimeout = 'net.ipv4.tcp_fin_timeout';
/** Settings of the client, each in force while one connection closes; what it was set to is put back when the minute is over. */
const settings: Record<string, Record<string, number>> = {
  'tcp_fin_timeout 5': { [finTimeout]: 5 },
  'tcp_fin_timeout 240': { [finTimeout]: 240 },
  'tcp_tw_reuse 1': { 'net.ipv4.tcp_tw_reuse': 1 },
  'tcp_timestamps 0': { 'net.ipv4.tcp_timestamps': 0 },
  'everything else that is a time of TCP, small': {
    'net.ipv4.tcp_keepalive_time': 5,
    'net.ipv4.tcp_keepalive_intvl': 1,
    'net.ipv4.tcp_orphan_retries': 1,
    'net.ipv4.tcp_retries2': 3,
    'net.ipv4.tcp_rfc1337': 1,
  },
  'tcp_max_tw_buckets 0': { 'net.ipv4.tcp_max_tw_buckets': 0 },
};

/** Those that might shorten it. */
const shortening = Object.keys(settings).filter(
  (name) => !['tcp_fin_timeout 240', 'tcp_max_tw_buckets 0'].includes(name),
);
const noSetting = 'the article speaks of no setting';

export default experiment({
  title: 'How long TIME-WAIT lasts',
  article: ['close-variants', 'establish-and-release'],
  retransmitAfterSeconds: 5,
  longestWaitSeconds: 61,

  async run({ client, server, stage }) {
    const app = await server.node();
    await app.listen(port, { allowHalfOpen: true });
    const browser = await client.node();

    const closeFirst = async (active: Side) => {
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
        for (const [sysctl, value] of Object.entries(values)) before.push([sysctl, await client.sysctl(sysctl, value)]);
        await closeFirst('client');
        // tcp_fin_timeout stays at the last value for the whole minute, should anybody look at it later than at the start.
        const changed = before.filter(([sysctl]) => sysctl !== finTimeout);
        for (const [sysctl, value] of changed) await client.sysctl(sysctl, value);
      });
    }

    await stage('the minute passes', async () => {
      await server.untilGone({ localPort: port, state: 'TIME-WAIT' });
      await client.untilGone({ peerPort: port });
    });
  },

  findings: {
    B10: finding(
      'TIME-WAIT lasts 2 MSL, with MSL two minutes, so four minutes',
      {
        'with default settings': (run) => lastsFourMinutes(run, 'the client closes first'),
        'with tcp_fin_timeout 240': limit((run) => lastsFourMinutes(run, 'tcp_fin_timeout 240'), noSetting),
        'with every other time of TCP changed': limit(
          (run) => lastsFourMinutes(run, 'everything else that is a time of TCP, small'),
          noSetting,
        ),
        'it lasts one minute': contrast((run) => lastsOneMinute(run, 'the client closes first')),
      },
      'Linux has no MSL: TCP_TIMEWAIT_LEN in include/net/tcp.h is 60 seconds, compiled in. Two minutes are the MSL of RFC 9293, section 3.4.2.',
    ),
    D7: finding(
      'TIME-WAIT is 2 MSL: 240 seconds (the article says so of Windows)',
      {
        'when the client has closed first': (run) => lastsFourMinutes(run, 'the client closes first'),
        'when the server has closed first': (run) => lastsFourMinutes(run, 'the server closes first', 'server'),
        'it lasts one minute': contrast((run) =>
          all(lastsOneMinute(run, 'the client closes first'), lastsOneMinute(run, 'the server closes first', 'server')),
        ),
      },
      'Decided for this kernel (TCP_TIMEWAIT_LEN, 60 seconds); what Windows does is not on this wire.',
    ),
    D10: finding(
      'The remedy against TIME-WAIT sockets is to shorten TIME-WAIT',
      {
        ...Object.fromEntries(shortening.map((name) => [`with ${name}`, (run: View) => isShorter(run, name)])),
        'with tcp_max_tw_buckets 0 TIME-WAIT is not shorter, but never entered': contrast((run) =>
          neverEntered(run, 'tcp_max_tw_buckets 0'),
        ),
      },
      'tcp_time_wait() in net/ipv4/tcp_minisocks.c arms TCP_TIMEWAIT_LEN whatever the settings; tcp_fin_timeout is for FIN-WAIT-2 alone. ' +
        'tcp_max_tw_buckets shortens nothing: a socket beyond it never enters TIME-WAIT.',
    ),
    D3: finding(
      'The closer goes FIN-WAIT-1, FIN-WAIT-2, TIME-WAIT, CLOSED; the other end CLOSE-WAIT, LAST-ACK, CLOSED',
      {
        'when the client closes first': (run) => toTheEnd(run, 'the client closes first', 'client'),
        'when the server closes first': (run) => toTheEnd(run, 'the server closes first', 'server'),
      },
    ),
  },
});

/**
 * The connection of a stage over the whole run: when it entered TIME-WAIT, and for how long, until the first sample
 * without its row.
 */
const waited = (run: View, stage: string, host: Side = 'client') => {
  const connection = run.connection(run.during(stage).connection().number);
  const timeWait = connection.states(host).find(({ to }) => to === 'TIME-WAIT');
  const end = connection.states(host).find(({ to }) => to === 'CLOSED');
  return { connection, timeWait, end, milliseconds: elapsed(timeWait, end && { at: end.between[1] }) };
};

const lastsFourMinutes = (run: View, stage: string, host?: Side) => {
  const { milliseconds, timeWait, end } = waited(run, stage, host);
  return within('TIME-WAIT', kernelTime(240_000), milliseconds, 'ms', [timeWait, end]);
};

const lastsOneMinute = (run: View, stage: string, host?: Side) => {
  const { milliseconds, timeWait, end } = waited(run, stage, host);
  return within('TIME-WAIT', kernelTime(kernelsMinute * 1000), milliseconds, 'ms', [timeWait, end]);
};

const isShorter = (run: View, name: string) => {
  const { timeWait, end, milliseconds } = waited(run, name);
  const set = run.during(name).client.calls('sysctl');
  return holds(
    `TIME-WAIT: less than ${kernelsMinute} s`,
    timeWait ? `TIME-WAIT: ${(milliseconds / 1000).toFixed(1)} s` : 'TIME-WAIT is never entered',
    end !== undefined && !(milliseconds >= kernelsMinute * 1000),
    [...set, timeWait, end],
  );
};

const neverEntered = (run: View, name: string) => {
  const { connection, timeWait, end } = waited(run, name);
  const set = run.during(name).client.calls('sysctl');
  return holds(
    'the client goes to CLOSED without TIME-WAIT',
    `it goes ${connection
      .closingStates('client')
      .map(({ to }) => to)
      .join(' → ')}`,
    end !== undefined && timeWait === undefined,
    [...set, timeWait, end],
  );
};

const toTheEnd = (run: View, stage: string, active: Side) => {
  const passive = active === 'client' ? 'server' : 'client';
  const { connection, end } = waited(run, stage, active);
  return all(
    states('active close', ['FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED'], connection.closingStates(active)),
    equal('what ends TIME-WAIT', 'timewait', end?.cause?.kind === 'timer' ? end.cause.timer : end?.cause?.kind, [end]),
    states('passive close', ['CLOSE-WAIT', 'LAST-ACK', 'CLOSED'], connection.closingStates(passive)),
  );
};

// Keepalive with the kernel's defaults: how long until a connection that is idle, and whose cable is cut, is found out?
// Nobody waits for it: ss shows when the first probe is due, the sysctls how many follow and when.
import { connected, experiment, finding, within } from '#finwait';

const sysctls = ['net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes'];

export default experiment({
  title: "Keepalive with the kernel's defaults",
  article: 'disconnect-experiments',
  retransmitAfterSeconds: 5,

  async run({ client, server }) {
    for (const name of sysctls) await client.sysctl(name);
    const { socket } = await connected(client, server, 50000);
    await socket.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 1);
  },

  furtherCases: { C5: ['cable-cut-keepalive', 'cable-cut-keepalive-go'] },
  findings: {
    C5: finding(
      'Keepalive probes go out after keepalive_time, then every keepalive_intvl, keepalive_probes of them; then the connection is CLOSED. The defaults take over two hours',
      {
        "with the kernel's defaults, for the two hours": (run) => {
          const [idle, interval, probes] = sysctls.map((name) => Number(run.client.setting(name)?.value)) as Times;
          const { row, ...sample } = run.connection().row('client');
          const first = row.timer?.name === 'keepalive' ? (row.timer.expiresMs ?? Number.NaN) / 1000 : Number.NaN;
          return [
            within('the first probe', [idle - 61, idle], first, 's', [sample]),
            within('until it is given up', [121, 1440], (first + interval * probes) / 60, 'minutes', [sample]),
          ];
        },
      },
    ),
  },
});

type Times = [idle: number, interval: number, probes: number];

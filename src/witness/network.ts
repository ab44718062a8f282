// What a host's network stack has of addresses, neighbours and routes, set by ip(8). One change at a time: each is
// several runs of ip, and frames go on passing meanwhile.
import { takeTurns } from '../control/in-turn.ts';
import { outputOf, run } from '../process/child.ts';
import { addressOf, device, type HostName, hostNames, peersOf, twoHosts } from '../record/hosts.ts';
import { accessSysctl } from './sysctl.ts';

export const createNetwork = (host: HostName) => {
  const own = addressOf[host];
  const addressesOf = (hosts: readonly HostName[]) => peersOf(host, hosts).map((peer) => addressOf[peer]);
  let peers = addressesOf(host === 'proxy' ? hostNames : twoHosts);
  const metrics = new Map<string, string>();
  let hasIpv6 = false;
  let routes = '';

  const setUp = () => {
    accessSysctl('net.ipv6.conf.all.disable_ipv6', '1');
    return batch([
      'link set lo up',
      `link set ${device} address ${own.mac} up`,
      `addr add ${own.ip}/24 dev ${device}`,
      // A permanent neighbour: ARP must never decide a question of TCP.
      ...peers.map(({ ip, mac }) => `neigh add ${ip} lladdr ${mac} dev ${device} nud permanent`),
    ]);
  };

  const knowHosts = async (hosts: readonly HostName[]) => {
    const known = peers;
    peers = addressesOf(hosts);
    const neighbour = (what: string, { ip, mac }: (typeof peers)[number]) =>
      `neigh ${what} ${ip} lladdr ${mac} dev ${device} nud permanent`;
    const gone = known.filter((one) => !peers.includes(one)).map((one) => neighbour('del', one));
    const come = peers.filter((one) => !known.includes(one)).map((one) => neighbour('add', one));
    // What would be asked for by ARP, and answered by nobody.
    const others = hosts.filter((other) => other !== host && !peers.includes(addressOf[other]));
    const beyond = others.map((other) => `route add unreachable ${addressOf[other].ip}`);
    if (gone.length + come.length + beyond.length > 0) await batch([...gone, ...come, ...beyond]);
  };

  const addIpv6 = async () => {
    for (const [name, value] of [
      [`${device}.addr_gen_mode`, '1'],
      [`${device}.accept_dad`, '0'],
      [`${device}.accept_ra`, '0'],
      ['all.disable_ipv6', '0'],
      [`${device}.disable_ipv6`, '0'],
    ] as const)
      accessSysctl(`net.ipv6.conf.${name}`, value);
    await putIpv6();
    hasIpv6 = true;
  };

  /** The IPv6 address with its route, and the neighbours: there afterwards, whether or not they were there before. */
  const putIpv6 = () =>
    batch([
      `addr replace ${own.ip6}/64 dev ${device} nodad`,
      ...peers.map(({ ip6, mac }) => `neigh replace ${ip6} lladdr ${mac} dev ${device} nud permanent`),
    ]);

  const setMetric = async (name: string, value: string) => {
    const before = await ip(['route', 'show', 'dev', device]);
    metrics.set(name, value);
    await changeRoute(
      `route change ${own.ip.replace(/\d+$/, '0')}/24 dev ${device} proto kernel scope link src ${own.ip}`,
    );
    if (hasIpv6) await putIpv6Route();
    return { before: before.trim(), after: (await ip(['route', 'show', 'dev', device])).trim() };
  };

  const putIpv6Route = () =>
    changeRoute(`-6 route replace ${own.ip6.replace(/\d+$/, '')}/64 dev ${device} proto kernel metric 256`);

  /** Give a route the metrics that were set. */
  const changeRoute = (change: string) => ip([...change.split(' '), ...[...metrics].flat()]);

  let localhost: { to: string; ports: Set<number> } | undefined;
  const leadLocalhost = async (to: string, ports: number[]) => {
    await takeLocalhost();
    if (!localhost) await batch(['rule add pref 10 lookup local', 'rule del pref 0']);
    const known = localhost?.ports ?? new Set<number>();
    const added = ports.filter((port) => !known.has(port));
    localhost = { to, ports: new Set([...known, ...added]) };
    await putLocalhost();
    await batch(added.map((port) => `rule add pref 5 to 127.0.0.1 ipproto tcp dport ${port} lookup ${localhostTable}`));
  };
  const putLocalhost = () =>
    localhost
      ? batch([`route replace 127.0.0.1 via ${localhost.to} dev ${device} src ${own.ip} table ${localhostTable}`])
      : undefined;
  const takeLocalhost = () => void accessSysctl('net.ipv4.conf.all.route_localnet', '1');

  const takeDown = async () => {
    const link = await ip(['link', 'show', 'dev', device]);
    if (/[<,]UP[,>]/.test(link)) routes = await ip(['route', 'show', 'dev', device]);
    await ip(['link', 'set', device, 'down']);
  };

  const bringUp = async () => {
    await ip(['link', 'set', device, 'up']);
    await batch(peers.map((peer) => `neigh replace ${peer.ip} lladdr ${peer.mac} dev ${device} nud permanent`));
    // ip shows a least RTO as locked, which it always is, and does not take that word back.
    for (const one of routes.replaceAll('rto_min lock', 'rto_min').split('\n').filter(Boolean))
      await ip(['route', 'replace', ...one.trim().split(/\s+/), 'dev', device]);
    await putLocalhost();
    if (!hasIpv6) return;
    await putIpv6();
    await putIpv6Route();
  };

  const beAlone = async () => {
    await takeDown();
    accessSysctl('net.ipv6.conf.lo.disable_ipv6', '0');
  };

  const inTurn = takeTurns();
  return {
    /** The link with its IPv4 address, and no IPv6. */
    setUp: () => inTurn(setUp),
    /** Which hosts the lab has, where they are not those it was made for: client and server. */
    knowHosts: (hosts: readonly HostName[]) => inTurn(() => knowHosts(hosts)),
    /** There is only the host's loopback, with both its addresses. */
    beAlone: () => inTurn(beAlone),
    /**
     * Give the host its IPv6 address. No link-local one and no advertisement is waited for, and the neighbour is
     * permanent: neighbour discovery must never decide a question of TCP.
     */
    addIpv6: () => inTurn(addIpv6),
    /**
     * Set a metric of the route to the other host (ip-route(8)), in either family. Resolves to the route as ip shows it
     * before and after.
     */
    setMetric: (name: string, value: string) => inTurn(() => setMetric(name, value)),
    /**
     * Take the link down or up. The kernel forgets a link's neighbours and routes when it goes down, and its IPv6
     * addresses; the IPv4 ones stay. What was there is put back when it comes up.
     */
    setLink: (state: string) => inTurn(state === 'down' ? takeDown : bringUp),
    /**
     * 127.0.0.1 of this host leads over the wire to another, at these ports, by a route of their own (ip-rule(8)): what it
     * sends there bears its own address. At all other ports it stays what it is.
     */
    leadLocalhost: (to: string, ports: number[]) => inTurn(() => leadLocalhost(to, ports)),
    /** What comes over the wire for 127.0.0.1 is taken (route_localnet, ip-sysctl of the kernel). */
    takeLocalhost: () => inTurn(async () => takeLocalhost()),
    routes: async () => (await ip(['route', 'show'])).split('\n').filter(Boolean),
    /**
     * The kernel of this host takes no part any more: without an address it drops in silence whatever the wire delivers;
     * tcpdump still sees it.
     */
    removeAddresses: () => inTurn(async () => void (await ip(['addr', 'flush', 'dev', device]))),
    /**
     * What TCP has learned of its peer on earlier connections, a round trip among it, is forgotten: it would set the
     * first RTO of later ones. A kernel without tcp_metrics has nothing to forget.
     */
    forgetPeer: async () => void (await run('ip', ['tcp_metrics', 'flush'])),
  };
};

const localhostTable = 100;

const ip = (words: string[]) => outputOf('ip', words);
const batch = async (lines: string[]) =>
  void (await outputOf('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` }));

// The sidecar: the witness beside a host, in the host's network namespace. It owns the host's end of the wire (the
// TAP), runs tcpdump and ss, and sets the sysctls and the route of its own namespace. It does what the collector asks,
// and ends with it.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { type Channel, dial, type Header } from '../control/channel.ts';
import { ownToken } from '../control/token.ts';
import { goFirst, letGoFirst } from '../process/scheduler.ts';
import { now } from '../record/clock.ts';
import { addressOf, device, type HostName, otherHost } from '../record/hosts.ts';
import { type DestroyedWitness, startDestroyedWitness } from './destroyed.ts';
import { kernelDefaults } from './kernel-defaults.ts';
import { startSocketWitness } from './ss.ts';
import { accessSysctl } from './sysctl.ts';
import { openTap } from './tap.ts';
import { type Capture, startCapture } from './tcpdump.ts';

const { values } = parseArgs({ options: { control: { type: 'string' }, host: { type: 'string' } } });
const host = values.host as HostName;
const peer = otherHost(host);

// Whoever started the lab is told in a sentence, not by a stack.
process.on('uncaughtException', ({ message }) => {
  process.stderr.write(`${message}\n`);
  process.exit(70);
});

goFirst(0, { andWhatItStarts: true });
let channel: Channel | undefined;
let capture: Capture | undefined;
let destroyed: DestroyedWitness | undefined;

const setUpLink = () => {
  const { ip, mac } = addressOf[host];
  accessSysctl('net.ipv6.conf.all.disable_ipv6', '1');
  const commands = [
    'link set lo up',
    `link set ${device} address ${mac} up`,
    `addr add ${ip}/24 dev ${device}`,
    // A permanent neighbour: ARP must never decide a question of TCP.
    `neigh add ${addressOf[peer].ip} lladdr ${addressOf[peer].mac} dev ${device} nud permanent`,
  ];
  execFileSync('ip', ['-batch', '-'], { input: `${commands.join('\n')}\n`, stdio: ['pipe', 'ignore', 'pipe'] });
};

/**
 * Give the host its IPv6 address. No link-local one and no advertisement is waited for, and the neighbour is permanent:
 * neighbour discovery must never decide a question of TCP.
 */
const addIpv6 = () => {
  for (const [name, value] of [
    [`${device}/addr_gen_mode`, '1'],
    [`${device}/accept_dad`, '0'],
    [`${device}/accept_ra`, '0'],
    ['all/disable_ipv6', '0'],
    [`${device}/disable_ipv6`, '0'],
  ] as const)
    accessSysctl(`net.ipv6.conf.${name.replace('/', '.')}`, value);
  putIpv6();
  hasIpv6 = true;
};
let hasIpv6 = false;

/** The IPv6 address with its route, and the neighbour: there afterwards, whether or not they were there before. */
const putIpv6 = () => {
  const commands = [
    `addr replace ${addressOf[host].ip6}/64 dev ${device} nodad`,
    `neigh replace ${addressOf[peer].ip6} lladdr ${addressOf[peer].mac} dev ${device} nud permanent`,
  ];
  execFileSync('ip', ['-batch', '-'], { input: `${commands.join('\n')}\n`, stdio: ['pipe', 'ignore', 'pipe'] });
};

/**
 * Set a metric of the route to the other host (ip-route(8)), in either family. Resolves to the route as ip shows it
 * before and after.
 */
const route = ({ name, value }: Header) => {
  const show = () => execFileSync('ip', ['route', 'show', 'dev', device], { encoding: 'utf8' }).trim();
  const before = show();
  metrics.set(String(name), String(value));
  const { ip } = addressOf[host];
  changeRoute(`route change ${ip.replace(/\d+$/, '0')}/24 dev ${device} proto kernel scope link src ${ip}`);
  if (hasIpv6) putIpv6Route();
  return { before, after: show() };
};
const metrics = new Map<string, string>();

const putIpv6Route = () =>
  changeRoute(`-6 route replace ${addressOf[host].ip6.replace(/\d+$/, '')}/64 dev ${device} proto kernel metric 256`);

/** Give a route the metrics that were set. */
const changeRoute = (change: string) =>
  void execFileSync('ip', [...change.split(' '), ...[...metrics].flat()], { stdio: ['ignore', 'ignore', 'pipe'] });

/**
 * Take the link down or up. The kernel forgets a link's neighbours and routes when it goes down, and its IPv6
 * addresses; the IPv4 ones stay. What was there is put back when it comes up.
 */
const link = ({ state }: Header) => {
  const ip = (...words: string[]) => execFileSync('ip', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (state === 'down') {
    if (/[<,]UP[,>]/.test(ip('link', 'show', 'dev', device))) routes = ip('route', 'show', 'dev', device);
    ip('link', 'set', device, 'down');
    return;
  }
  ip('link', 'set', device, 'up');
  ip('neigh', 'replace', addressOf[peer].ip, 'lladdr', addressOf[peer].mac, 'dev', device, 'nud', 'permanent');
  // ip shows a least RTO as locked, which it always is, and does not take that word back.
  for (const one of routes.replaceAll('rto_min lock', 'rto_min').split('\n').filter(Boolean))
    ip('route', 'replace', ...one.trim().split(/\s+/), 'dev', device);
  if (!hasIpv6) return;
  putIpv6();
  putIpv6Route();
};
let routes = '';

const handlers: Record<string, (header: Header, bytes: Buffer) => unknown> = {
  sample: () => socketWitness.sample(),
  deliver: (_header, frame) => {
    const t = now();
    const isUp = tap.write(frame);
    return { t, done: now(), ...(!isUp && { isLost: true }) };
  },
  /** Whatever the kernel has sent by now reaches the collector before this answer does. */
  barrier: () => tap.drain(),
  sysctl: ({ name, value }) => accessSysctl(String(name), value === undefined ? undefined : String(value)),
  route,
  link,
  ipv6: addIpv6,
  /** All settings of this namespace that change TCP and are not asked for by name. */
  settings: () => ({
    sysctls: Object.fromEntries(
      Object.keys(kernelDefaults).flatMap((name) => {
        try {
          return [[name, accessSysctl(name).before]];
        } catch {
          return []; // an older kernel does not have it
        }
      }),
    ),
    routes: execFileSync('ip', ['route', 'show'], { encoding: 'utf8' }).split('\n').filter(Boolean),
  }),
  /**
   * What TCP has learned of its peer on earlier connections, a round trip among it, is forgotten: it would set the
   * first RTO of later ones.
   */
  forgetPeer: () => {
    try {
      execFileSync('ip', ['tcp_metrics', 'flush'], { stdio: 'ignore' });
    } catch {} // a kernel without tcp_metrics has nothing to forget
  },
  /**
   * The kernel of this host takes no part any more: without an address it drops in silence whatever the wire delivers;
   * tcpdump still sees it.
   */
  scripted: () => void execFileSync('ip', ['addr', 'flush', 'dev', device], { stdio: ['ignore', 'ignore', 'pipe'] }),
  /** Have processes of this host run before all the rest, where that is allowed. */
  goFirst: ({ pids }) => letGoFirst(pids as number[]),
  startCapture: async () => {
    [capture, destroyed] = await Promise.all([
      startCapture(device, (bytes) => channel?.notify({ pcap: true }, bytes)),
      destroyedStarting,
    ]);
    isHeard = true;
    for (const text of untold.splice(0)) tellDestroyed(text);
  },
  /** Whatever the kernel has destroyed by now reaches the collector before this answer does. */
  destroyedTold: () => destroyed?.catchUp(),
  stopCapture: async () => {
    const [counts] = await Promise.all([capture?.stop(), destroyed?.finish()]);
    return { counts };
  },
};

/** What was told before the collector asked for it is kept, in order. */
const untold: string[] = [];
let isHeard = false;
const tellDestroyed = (text: string) => {
  if (isHeard) channel?.notify({ destroyed: true }, Buffer.from(text));
  else untold.push(text);
};

// Started while the link is made: it is to listen before the first process, and nobody shall wait for it.
const destroyedStarting = startDestroyedWitness(tellDestroyed);
const tap = openTap(device, (frame) => channel?.notify({ frame: true, t: now() }, frame));
setUpLink();
const socketWitness = startSocketWitness();
channel = await dial(
  values.control as string,
  { role: 'sidecar', host, pid: process.pid, token: ownToken },
  (header, bytes) => {
    const handler = handlers[String(header.do)];
    if (!handler) throw new Error(`The sidecar does not know how to ${header.do}.`);
    return handler(header, bytes);
  },
);
await channel.closed;
socketWitness.stop();
destroyed?.stop();
process.kill(process.pid, 'SIGKILL');

// The sidecar: the witness beside a host, in the host's network namespace. It owns the host's end of the wire (the
// TAP), runs tcpdump and ss, and sets the sysctls and the route of its own namespace. It does what the collector asks,
// and ends with it.
import '../record/plain-schemas.ts';
import { z } from 'zod';
import { type Channel, dial, type Header } from '../control/channel.ts';
import { ownPlace } from '../control/own-place.ts';
import { ownToken } from '../control/token.ts';
import { goFirst, letGoFirst } from '../process/scheduler.ts';
import { now } from '../record/clock.ts';
import { device, hostName } from '../record/hosts.ts';
import { type DestroyedWitness, startDestroyedWitness } from './destroyed.ts';
import { kernelDefaults } from './kernel-defaults.ts';
import { createNetwork } from './network.ts';
import { startSocketWitness } from './ss.ts';
import { accessSysctl } from './sysctl.ts';
import { openTap } from './tap.ts';
import { type Capture, startCapture } from './tcpdump.ts';

const { control, host } = ownPlace();
const network = createNetwork(host);

// Whoever started the lab is told in a sentence, not by a stack.
process.on('uncaughtException', ({ message }) => {
  process.stderr.write(`${message}\n`);
  process.exit(70);
});

goFirst(0, { andWhatItStarts: true });
let channel: Channel | undefined;
let capture: Capture | undefined;
let destroyed: DestroyedWitness | undefined;

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
  route: ({ name, value }) => network.setMetric(String(name), String(value)),
  link: ({ state }) => network.setLink(String(state)),
  leadLocalhost: ({ to, ports }) => network.leadLocalhost(String(to), z.array(z.number()).parse(ports)),
  takeLocalhost: network.takeLocalhost,
  ipv6: network.addIpv6,
  /** All settings of this namespace that change TCP and are not asked for by name. */
  settings: async () => ({
    sysctls: Object.fromEntries(
      Object.keys(kernelDefaults).flatMap((name) => {
        try {
          return [[name, accessSysctl(name).before]];
        } catch {
          return []; // an older kernel does not have it
        }
      }),
    ),
    routes: await network.routes(),
  }),
  forgetPeer: network.forgetPeer,
  scripted: network.removeAddresses,
  /** Have processes of this host run before all the rest, where that is allowed. */
  goFirst: ({ pids }) => letGoFirst(z.array(z.number()).parse(pids)),
  startCapture: async ({ loopback, hosts }) => {
    if (loopback) await network.beAlone();
    else await network.knowHosts(z.array(hostName).parse(hosts));
    [capture, destroyed] = await Promise.all([
      startCapture(loopback ? 'lo' : device, (bytes) => channel?.notify({ pcap: true }, bytes)),
      destroyedStarting,
    ]);
    isHeard = true;
    for (const text of untold.splice(0)) tellDestroyed(text);
  },
  /** Whatever the kernel has destroyed by now reaches the collector before this answer does. */
  catchUpDestroyed: () => destroyed?.catchUp(),
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
await network.setUp();
const socketWitness = await startSocketWitness();
channel = await dial(control, { role: 'sidecar', host, pid: process.pid, token: ownToken }, (header, bytes) => {
  const handler = handlers[String(header.do)];
  if (!handler) throw new Error(`The sidecar does not know how to ${header.do}.`);
  return handler(header, bytes);
});
await channel.closed;
socketWitness.stop();
destroyed?.stop();
process.kill(process.pid, 'SIGKILL');

// Records the settings of a host's network stack that change TCP and that no script made, before anything of the run happens.

import { z } from 'zod';
import { parsedValue, replies } from '../control/replies.ts';
import type { Lab, Place } from '../lab/lab.ts';
import { now } from '../record/clock.ts';
import { hostsIn } from '../record/hosts.ts';
import type { Recorder } from '../recording/recorder.ts';
import { differsFrom } from '../witness/kernel-defaults.ts';

/** What the sidecar answers: sysctls by name, and the host's routes as `ip route` shows them. */
const settings = z.object({ sysctls: z.record(z.string(), z.string()), routes: z.array(z.string()) });

/** What it has inherited from the machine. */
export const recordInherited = async ({ sidecar }: Lab, recorder: Recorder): Promise<void> => {
  const hosts = hostsIn(sidecar);
  const replies = await Promise.all(hosts.map((host) => sidecar[host].request({ do: 'settings' })));
  for (const [nth, host] of hosts.entries()) {
    const { sysctls, routes } = settings.parse(replies[nth]?.value);
    const record = { type: 'setting', t: now(), host, inherited: true } as const;
    for (const [name, value] of Object.entries(sysctls)) {
      const usual = differsFrom(name, value);
      if (usual !== undefined) recorder.api({ ...record, name, value, default: usual });
    }
    for (const value of routes.map(metricsOf).filter(Boolean))
      recorder.api({ ...record, name: 'ip route', value, default: 'no metrics' });
  }
};

/** Which of the sysctls the place is known to set are in fact not those of a new network namespace. */
export const recordOwnSysctls = async ({ ownSysctls = {} }: Place, { sidecar }: Lab, recorder: Recorder) => {
  for (const host of hostsIn(sidecar)) {
    for (const [name, usual] of Object.entries(ownSysctls)) {
      const { after } = await parsedValue(replies.change, sidecar[host].request({ do: 'sysctl', name }));
      if (after !== usual) recorder.api({ type: 'setting', t: now(), host, name, value: after, default: usual });
    }
  }
};

/** What a route says beyond where it leads: `rto_min 5ms`, `congctl reno`. */
const metricsOf = (route: string): string =>
  route
    .replace(/^(unreachable )?\S+/, '')
    .replaceAll(/\b(via|dev|proto|scope|src|metric) \S+|\b(onlink|linkdown)\b/g, '')
    .trim()
    .replaceAll(/\s+/g, ' ');

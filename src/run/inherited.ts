// Records what a host's network stack has inherited from the machine and changes TCP, before anything of the run happens.
import { z } from 'zod';
import type { Lab } from '../lab/lab.ts';
import { now } from '../record/clock.ts';
import { differsFrom } from '../witness/kernel-defaults.ts';
import type { Recorder } from './recorder.ts';

/** What the sidecar answers: sysctls by name, and the host's routes as `ip route` shows them. */
const settings = z.object({ sysctls: z.record(z.string(), z.string()), routes: z.array(z.string()) });

export const recordInherited = async ({ sidecar }: Lab, recorder: Recorder): Promise<void> => {
  const hosts = ['client', 'server'] as const;
  const replies = await Promise.all(hosts.map((host) => sidecar[host].request({ do: 'settings' })));
  for (const [nth, host] of hosts.entries()) {
    const { sysctls, routes } = settings.parse(replies[nth]?.value);
    const told = { type: 'setting', t: now(), host, inherited: true } as const;
    for (const [name, value] of Object.entries(sysctls)) {
      const usual = differsFrom(name, value);
      if (usual !== undefined) recorder.api({ ...told, name, value, default: usual });
    }
    for (const value of routes.map(metricsOf).filter(Boolean))
      recorder.api({ ...told, name: 'ip route', value, default: 'no metrics' });
  }
};

/** What a route says beyond where it leads: `rto_min 5ms`, `congctl reno`. */
const metricsOf = (route: string): string =>
  route
    .replace(/^\S+/, '')
    .replaceAll(/\b(via|dev|proto|scope|src|metric) \S+|\b(onlink|linkdown)\b/g, '')
    .trim()
    .replaceAll(/\s+/g, ' ');

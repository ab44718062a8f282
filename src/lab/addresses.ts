// The addresses of a lab, the same in every lab: TEST-NET-1 (RFC 5737), which is routed nowhere.
import type { HostName } from '../timeline/schema.ts';

/** The name of the TAP device, a host's only link. */
export const device = 'wire';

export const addressOf: Record<HostName, { ip: string; mac: string }> = {
  client: { ip: '192.0.2.1', mac: '02:00:00:00:00:01' },
  server: { ip: '192.0.2.2', mac: '02:00:00:00:00:02' },
};

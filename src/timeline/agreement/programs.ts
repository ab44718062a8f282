// Programs on a host that are not driven call by call: what they did to its sockets, routes and filters nobody has recorded.
import type { ApiRecord } from '../../record/api-records.ts';
import type { HostName } from '../../record/hosts.ts';

/** Whether such a program ran on the host. */
export const ranProgram = (api: readonly ApiRecord[], host: HostName): boolean =>
  api.some((one) => one.type === 'process' && one.host === host && one.edge === 'start' && !one.driven);

// Addresses of IPv4 as IPv4 writes them.
import type { ApiRecord } from '../../record/api-records.ts';
import { type Endpoint, plainAddress } from '../../record/endpoint.ts';

/** A socket of IPv6 may have a peer of IPv4: on the wire, and in ss, that is a connection of IPv4. */
export const withPlainAddresses = (record: ApiRecord): ApiRecord => {
  const { local, remote } = record as { local?: Endpoint; remote?: Endpoint };
  return {
    ...record,
    ...(local && { local: { ...local, address: plainAddress(local.address) } }),
    ...(remote && { remote: { ...remote, address: plainAddress(remote.address) } }),
  };
};

// The hosts of a lab: their names, and their addresses, the same in every lab: TEST-NET-1 (RFC 5737) and the
// documentation prefix of IPv6 (RFC 3849), routed nowhere.
import { z } from 'zod';

export const hostName = z.enum(['client', 'server']);
/** One of the two network stacks of a lab. */
export type HostName = z.infer<typeof hostName>;

/** Every host of a lab, in the order in which reports name them. */
export const hostNames: readonly HostName[] = hostName.options;

/** One value for each host. */
export const perHost = <T>(forHost: (host: HostName) => T): Record<HostName, T> =>
  Object.fromEntries(hostNames.map((host) => [host, forHost(host)])) as Record<HostName, T>;

/** The schema of one value for each host. */
export const perHostSchema = <S extends z.ZodType>(schema: S) => z.object(perHost(() => schema));

/** The schemas of one value for each end of a connection, by the host it is at. */
export const perEnd = <S extends z.ZodType>(schema: S) => perHost(() => schema);

/** The hosts that a host has a wire to. */
export const peersOf = (host: HostName): HostName[] => hostNames.filter((other) => other !== host);

/** The host at the other end of a connection that has an end at `host`; of one without, the first that it has a wire to. */
export const farHost = (ends: { [one in HostName]?: unknown }, host: HostName): HostName => {
  const peers = peersOf(host);
  return peers.find((one) => ends[one] !== undefined) ?? peers[0] ?? host;
};

/** The name of the TAP device, a host's only link. */
export const device = 'wire';

/** `ip6` is a host's only in an experiment that asks for IPv6. */
export const addressOf: Record<HostName, { ip: string; ip6: string; mac: string }> = {
  client: { ip: '192.0.2.1', ip6: '2001:db8::1', mac: '02:00:00:00:00:01' },
  server: { ip: '192.0.2.2', ip6: '2001:db8::2', mac: '02:00:00:00:00:02' },
};

/** The peer of a host that has a link address: whom the wire takes a frame for it to; for everybody's the first. */
export const peerWith = (host: HostName, mac: string): HostName => {
  const peers = peersOf(host);
  return peers.find((one) => addressOf[one].mac === mac) ?? peers[0] ?? host;
};

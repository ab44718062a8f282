// The hosts of a lab: their names, and their addresses, the same in every lab: TEST-NET-1 (RFC 5737) and the
// documentation prefix of IPv6 (RFC 3849), routed nowhere.
import { z } from 'zod';

export const hostName = z.enum(['client', 'proxy', 'server']);
/** One of the network stacks of a lab. */
export type HostName = z.infer<typeof hostName>;

/** Every host that a lab can have, in the order in which reports name them. */
export const hostNames: readonly HostName[] = hostName.options;

/** The hosts of a lab without a proxy. */
export const twoHosts: readonly HostName[] = ['client', 'server'];

/** The hosts of a lab. */
export const hostsOfLab = ({ proxy }: { proxy?: boolean | undefined }): readonly HostName[] =>
  proxy ? hostNames : twoHosts;

/** One value for each host, or for each of those given: nobody asks for that of another. */
export const perHost = <T>(forHost: (host: HostName) => T, hosts = hostNames): Record<HostName, T> =>
  Object.fromEntries(hosts.map((host) => [host, forHost(host)])) as Record<HostName, T>;

/** The hosts that there is a value of, in the order of names. */
export const hostsIn = (values: { [one in HostName]?: unknown }): HostName[] =>
  hostNames.filter((host) => values[host] !== undefined);

/** The schema of one value for each host of a lab. */
export const perHostSchema = <S extends z.ZodType>(schema: S) =>
  // Typed as `perHost` is: nobody asks for what a proxy has where there is none.
  z.object({ client: schema, proxy: schema.optional() as unknown as S, server: schema });

/** The schemas of one value for each end of a connection, by the host it is at: a connection has an end at two of them. */
export const perEnd = <S extends z.ZodType>(schema: S) => perHost(() => schema.optional() as unknown as S);

/** The hosts that a host has a wire to: beside a proxy, nobody but the proxy. */
export const peersOf = (host: HostName, hosts: readonly HostName[]): HostName[] =>
  host !== 'proxy' && hosts.includes('proxy') ? ['proxy'] : hosts.filter((other) => other !== host);

/** The host at the other end of a connection that has an end at `host`; of one without, that of a lab of two hosts. */
export const farHost = (ends: { [one in HostName]?: unknown }, host: HostName): HostName =>
  hostNames.find((one) => one !== host && ends[one] !== undefined) ?? otherOfTwo(host);

/** The other host of a lab of two. */
export const otherOfTwo = (host: HostName): HostName => (host === 'client' ? 'server' : 'client');

/** The name of the TAP device, a host's only link. */
export const device = 'wire';

/** `ip6` is a host's only in an experiment that asks for IPv6. */
export const addressOf: Record<HostName, { ip: string; ip6: string; mac: string }> = {
  client: { ip: '192.0.2.1', ip6: '2001:db8::1', mac: '02:00:00:00:00:01' },
  proxy: { ip: '192.0.2.3', ip6: '2001:db8::3', mac: '02:00:00:00:00:03' },
  server: { ip: '192.0.2.2', ip6: '2001:db8::2', mac: '02:00:00:00:00:02' },
};

/** The other host that has a link address; of one that no other has, that of a lab of two. */
export const otherWith = (host: HostName, mac: string): HostName =>
  hostNames.find((one) => one !== host && addressOf[one].mac === mac) ?? otherOfTwo(host);

/** The peer of a host that has a link address: whom the wire takes a frame for it to; for everybody's the first. */
export const peerWith = (host: HostName, mac: string, hosts: readonly HostName[]): HostName => {
  const peers = peersOf(host, hosts);
  return peers.find((one) => addressOf[one].mac === mac) ?? peers[0] ?? host;
};

// One end of a connection, as the kernel names it.
import { z } from 'zod';

export const endpoint = z.object({ address: z.string(), port: z.number() });
export type Endpoint = z.infer<typeof endpoint>;

/**
 * An IPv4 address as an IPv6 socket has it, `::ffff:192.0.2.1` (RFC 4291, section 2.5.5.2), as the wire has it; any
 * other as it is.
 */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** Whether it is no address yet: the kernel fills it in when the socket connects (ip(7), INADDR_ANY). */
export const isUnspecified = ({ address }: Endpoint): boolean => address === '0.0.0.0' || address === '::';

export const isSameEndpoint = (one: Endpoint | undefined, other: Endpoint | undefined): boolean =>
  one?.address === other?.address && one?.port === other?.port;

/** An address as it stands before a port: `192.0.2.2`, `[2001:db8::2]`. */
export const beforePort = (address: string): string => (address.includes(':') ? `[${address}]` : address);

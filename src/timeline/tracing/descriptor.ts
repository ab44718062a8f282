// Who had which TCP socket: a part of the timeline.
import { z } from 'zod';
import { endpoint } from '../../record/endpoint.ts';
import { hostName } from '../../record/hosts.ts';

/**
 * That a process of a program had a TCP socket, as a descriptor, from one time to another: by what strace wrote of its
 * calls.
 */
export const descriptor = z.object({
  host: hostName,
  process: z.string(),
  pid: z.number(),
  fd: z.number(),
  connection: z.number().optional(),
  local: endpoint.optional(),
  /** Absent of a listener, and of a socket that was never connected. */
  remote: endpoint.optional(),
  from: z.number(),
  how: z.enum(['socket', 'accept', 'dup', 'fork', 'received', 'unknown']),
  /** Absent where it had it to the end of the record; with what took it away. */
  until: z.number().optional(),
  ended: z.enum(['close', 'exec', 'exit']).optional(),
});
export type Descriptor = z.infer<typeof descriptor>;

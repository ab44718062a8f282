// What was not witnessed.
import { z } from 'zod';
import { hostName } from './hosts.ts';

/**
 * A witness that failed, and the span it was blind for; a whole run when `from` and `to` are absent. `seal` is what
 * proves that the files of a run are those it recorded.
 */
export const gap = z.object({
  witness: z.enum(['tcpdump', 'ss', 'ss -E', 'counters', 'api', 'wire', 'strace', 'seal']),
  host: hostName.optional(),
  reason: z.string(),
  /** What kind of failure it is, for programs. `machine-too-slow`: nothing was lost, but the observer came too late. */
  code: z.enum(['machine-too-slow']).optional(),
  from: z.number().optional(),
  to: z.number().optional(),
});
export type Gap = z.infer<typeof gap>;

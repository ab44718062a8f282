// One end of a connection, as the kernel names it.
import { z } from 'zod';

export const endpoint = z.object({ address: z.string(), port: z.number() });
export type Endpoint = z.infer<typeof endpoint>;

// A line of an experiment's source.
import { z } from 'zod';

/** `file` is a path, `line` counts from 1. */
export const source = z.object({ file: z.string(), line: z.number() });
export type Source = z.infer<typeof source>;

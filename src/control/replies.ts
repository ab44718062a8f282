// What a part of a lab answers, parsed before it is used: an answer is no more believed unread than a record.
import { z } from 'zod';
import type { Header } from './channel.ts';

export const replies = {
  /** A frame was handed to a host's kernel: before and after (ns). */
  deliver: z.object({ t: z.number(), done: z.number(), isLost: z.boolean().optional() }),
  /** What ss printed, and when. */
  sample: z.object({
    begin: z.number(),
    end: z.number(),
    realtime: z.number(),
    exit: z.number(),
    text: z.string(),
    counters: z.union([
      z.object({
        begin: z.number(),
        end: z.number(),
        whole: z.literal(true).optional(),
        values: z.record(z.string(), z.number()),
      }),
      z.object({ begin: z.number(), end: z.number(), error: z.string() }),
    ]),
  }),
  /** A setting before and after. */
  change: z.object({ before: z.string(), after: z.string() }),
  /** How a process ended. */
  end: z.object({ code: z.number().nullable(), signal: z.string().nullable() }),
};

/** The value of an answer. Throws a sentence when it is not what was asked for. */
export const parsedValue = async <T>(
  schema: z.ZodType<T>,
  answer: Promise<Header & { value?: unknown }>,
): Promise<T> => {
  const { data, error } = schema.safeParse((await answer).value);
  if (data !== undefined) return data;
  const [first] = error?.issues ?? [];
  throw new Error(
    `A part of the lab gave an answer that is none: ${first?.path.join('.') || 'the whole'}: ${first?.message}`,
  );
};

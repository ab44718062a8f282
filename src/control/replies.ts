// What a part of a lab answers, parsed before it is used: an answer is no more believed unread than a record.
import { z } from 'zod';
import { endpoint } from '../record/endpoint.ts';
import type { Header } from './channel.ts';

/** What a call came to, in a node or raw process. */
const outcome = z.object({
  value: z.unknown().optional(),
  /** The object that a call such as `listen`, `connect` or `accept` made. */
  target: z.string().optional(),
  /** A raw call that failed: its value is -1. A Node call that throws is a refusal instead. */
  errno: z.string().optional(),
  /** What recv and read brought. */
  bytes: z.number().optional(),
  text: z.string().optional(),
  /** What getsockopt found, in a raw process, and in how many bytes. */
  option: z.unknown().optional(),
  length: z.number().optional(),
  /** What poll found its descriptor ready for: names of poll(2). */
  revents: z.array(z.string()).optional(),
  local: endpoint.optional(),
  remote: endpoint.optional(),
});
export type Outcome = z.infer<typeof outcome>;

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
  outcome,
  /** What a call by its own name in C gives: a number. */
  result: outcome.extend({ value: z.number() }),
  /** Which file a command is; no path where there is none. */
  which: z.object({ path: z.string().optional() }),
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

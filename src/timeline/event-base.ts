// Why an event happened, and what every event has.
import { z } from 'zod';

export const eventId = z.string().regex(/^e\d+$/);

/** The kernel's timers, by the names that causes give them. */
export const causeTimer = z.enum([
  'on',
  'tail-loss-probe',
  'reordering',
  'pacing',
  'retransmission',
  'fast-retransmission',
  'keepalive',
  'timewait',
  'persist',
  'delayed-ack',
]);

/** Why an event happened. `event` is the id of the event that caused it. */
export const cause = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('call'), event: eventId }),
  z.object({ kind: z.literal('segment'), event: eventId }),
  z.object({ kind: z.literal('process-end'), event: eventId }),
  /** A program whose calls nobody recorded did it, when it liked: `event` is its start. */
  z.object({ kind: z.literal('program'), event: eventId }),
  /** One of several such programs: their starts. Nothing tells which of them holds the socket. */
  z.object({ kind: z.literal('programs'), events: z.array(eventId) }),
  z.object({ kind: z.literal('wire'), event: eventId }),
  z.object({
    kind: z.literal('timer'),
    /**
     * The kernel's timer. ss shows `on` for three of them: here `on` is the retransmission timeout (RFC 6298),
     * `tail-loss-probe` that of RFC 8985, section 7, `reordering` that of its section 6.2, and `retransmission` one that is
     * not known. `fast-retransmission` is none of them: an arrival has shown the loss, and either that arrival or the
     * timer of the pacing has let the segment go. `delayed-ack` is not shown by ss.
     */
    timer: causeTimer,
    /** The sample whose row showed the timer armed, where one did. */
    sample: z.string().optional(),
  }),
  z.object({ kind: z.literal('unknown') }),
]);
export type Cause = z.infer<typeof cause>;
export type CauseTimer = z.infer<typeof causeTimer>;

/** What every event has. */
export const base = {
  id: eventId,
  /** Nanoseconds since the start of the run. */
  at: z.number(),
  /** The step of the script this belongs to, counted from 1. 0 is the set-up. */
  step: z.number(),
  /** The stage of the script, where it has stages. */
  stage: z.string().optional(),
  cause: cause.optional(),
};

// The samples of ss a page takes with it: all of them, or where they are too many those that something rests on, and as
// many others as fit.
import type { Sample } from '../../record/samples.ts';
import type { Timeline } from '../../timeline/schema.ts';
import type { StoredSample } from './content.ts';

/** Letters of ss output a page keeps; what findings cite is kept in any case. */
const mostLetters = 120_000;

export const keptSamples = (
  timeline: Timeline,
  cited: ReadonlySet<string>,
): { samples: StoredSample[]; rows: string[]; omitted: string[] } => {
  const rows: string[] = [];
  const indexes = new Map<string, number>();
  let letters = 0;
  /** Takes the rows of a sample into the table. */
  const store = (sample: Sample): StoredSample => {
    const { id, host, begin, end, reason, ok } = sample;
    const own = sample.rows.map(({ raw }) => {
      const known = indexes.get(raw);
      if (known !== undefined) return known;
      indexes.set(raw, rows.length);
      letters += raw.length;
      return rows.push(raw) - 1;
    });
    return { id, host, begin, end, reason, ok, rows: own };
  };

  const kept = byNeed(timeline, cited).flatMap((group, need) =>
    group.flatMap((sample) => (need === 0 || letters < mostLetters ? store(sample) : [])),
  );
  kept.sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
  const left = timeline.samples.length - kept.length;
  const omitted =
    left > 0
      ? [
          `${left} of ${timeline.samples.length} samples of ss, which no finding rests on (they are in ss-client.txt and ss-server.txt)`,
        ]
      : [];
  return { samples: kept, rows, omitted };
};

/** Cited by a finding; needed to show a change of state or a timer; taken around a segment; the others. */
const byNeed = ({ samples, events }: Timeline, cited: ReadonlySet<string>): Sample[][] => {
  const bounds = new Set<string>();
  for (const event of events) {
    if (event.kind === 'state') bounds.add(event.after).add(event.before ?? event.after);
    if (event.cause?.kind === 'timer' && event.cause.sample) bounds.add(event.cause.sample);
  }
  const groups: Sample[][] = [[], [], [], []];
  for (const sample of samples) {
    const need = cited.has(sample.id) ? 0 : bounds.has(sample.id) ? 1 : / frame \d+$/.test(sample.reason) ? 2 : 3;
    groups[need]?.push(sample);
  }
  return groups;
};

// What a question about the record is answered with. A question declares what it needs to be answered: which witness,
// of which host, over which span. Where the record has it the answer was observed, even if it is "none"; where not, it
// is unobserved, with the reason.

/** The ids that show a value stand in the value itself: events, rows and samples bear them. */
export type Observation<T> = { observed: true; value: T } | { observed: false; reason: string };

export const observed = <T>(value: T): Observation<T> => ({ observed: true, value });
export const unobserved = (reason: string): Observation<never> => ({ observed: false, reason });

/** Nobody saw what was asked for. It leaves the case that asked unknown, with its message as the reason. */
export class Unobserved extends Error {
  override name = 'Unobserved';
}

/** The value that was observed. Throws Unobserved. */
export const unwrap = <T>(answer: Observation<T>): T => {
  if (!answer.observed) throw new Unobserved(answer.reason);
  return answer.value;
};

/** Asks one after the other, and gives the first answer that nobody saw. */
export const first = <T>(subjects: Iterable<T>, ask: (subject: T) => Observation<unknown>): Observation<undefined> => {
  for (const subject of subjects) {
    const answer = ask(subject);
    if (!answer.observed) return answer;
  }
  return observed(undefined);
};

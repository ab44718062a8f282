// Samples taken because something happened: a call that was begun has returned, a socket of Node has failed or closed,
// a process has ended. The state after it is then witnessed before the script goes on or the run ends, and not only
// when the next step happens to sample.
import type { ApiRecord } from '../record/api-records.ts';

export type Looks = {
  /**
   * Have ss look at all hosts. What is asked for while a look waits for another to end is answered by one look.
   * Rejects as ss fails.
   */
  look(reason: string): Promise<void>;
  /** Resolves when all looks asked for by now have been recorded, or have failed. */
  taken(): Promise<void>;
};

/** `sampleAll` has ss look at all hosts and its output recorded. */
export const createLooks = (sampleAll: (reason: string) => Promise<unknown>): Looks => {
  let last = Promise.resolve();
  let waiting: { reasons: Set<string>; taken: Promise<void> } | undefined;
  return {
    look: (reason) => {
      if (waiting) {
        waiting.reasons.add(reason);
        return waiting.taken;
      }
      const reasons = new Set([reason]);
      const take = async () => {
        waiting = undefined;
        await sampleAll(joined([...reasons]));
      };
      const taken = last.then(take);
      waiting = { reasons, taken };
      last = taken.catch(() => {});
      return taken;
    },
    taken: () => last,
  };
};

/** Why a record asks for a look; undefined when it asks for none. */
export const reasonToLook = (record: ApiRecord): string | undefined => {
  if (record.type === 'process' && record.edge === 'exit') return `end of ${record.process}`;
  // What Node tells of a call's consequence comes whenever it comes, and its socket is another from then on.
  if (record.type === 'emit' && (record.name === 'error' || record.name === 'close'))
    return `'${record.name}' of ${record.target} in ${record.process}`;
  return undefined;
};

const joined = (reasons: string[]) =>
  reasons.length > 3 ? `${reasons.slice(0, 3).join(', ')} and ${reasons.length - 3} more` : reasons.join(', ');

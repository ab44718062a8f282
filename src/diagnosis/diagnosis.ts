// What a diagnosis is: a fault that a timeline shows, in a sentence for whoever wrote the program. Each kind has a file
// of its own, a pure function of the timeline; where its evidence is missing it stays silent.
import type { Diagnosis } from '../verdict/schema.ts';
import type { Facts } from './facts.ts';

export type { Diagnosis };

export type Kind = {
  /** `left-in-close-wait`: the name it is known by, and that of its file. */
  name: string;
  /** What is wrong, in a few words. */
  title: string;
  /** What to do about it; `node` where Node has a remedy of its own. */
  remedy: string;
  node?: string;
  /** An RFC's section, a man page, the kernel's source. */
  source: string;
  /** It is no fault, and no exit code tells of it. */
  harmless?: true;
  find(facts: Facts): Found[];
};

/** One fault that was found: what happened in plain words, and the ids of what shows it. */
export type Found = { sentence: string; evidence: (string | undefined)[] };

// A run could not be carried through: what the script waited for did not come, or a part of the lab went away. Evidence is kept.
// EUSAGE: the experiment is not written as one must be; no lab was built for it.
import type { Source } from '../record/source.ts';

export class RunError extends Error {
  override name = 'RunError';
  readonly code: 'ETIMEOUT' | 'EENDED' | 'EFOLDER' | 'EPORT' | 'ELOST' | 'EOVER' | 'ESCRIPT' | 'EUSAGE';
  /** The line of the script that waited. */
  readonly source?: Source;
  constructor(message: string, code: RunError['code'], source?: Source) {
    super(message);
    this.code = code;
    this.source = source;
  }
}

// A run could not be carried through: what the script waited for did not come, or a part of the lab went away. Evidence is kept.
import type { Source } from '../wire/wire.ts';

export class RunError extends Error {
  override name = 'RunError';
  readonly code: 'ETIMEOUT' | 'EFOLDER' | 'EPORT' | 'ELOST' | 'EOVER' | 'ESCRIPT';
  /** The line of the script that waited. */
  readonly source?: Source;
  constructor(message: string, code: RunError['code'], source?: Source) {
    super(message);
    this.code = code;
    this.source = source;
  }
}

// A run could not be carried through: what the script waited for did not come, or a part of the lab went away. Evidence is kept.
export class RunError extends Error {
  override name = 'RunError';
  readonly code: 'ETIMEOUT' | 'ELOST' | 'EABORTED' | 'ESCRIPT';
  constructor(message: string, code: RunError['code']) {
    super(message);
    this.code = code;
  }
}

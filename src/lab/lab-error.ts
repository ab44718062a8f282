// This machine, as it is, cannot run a lab: the cause and the remedy. The CLI exits with 3.
export class LabError extends Error {
  override name = 'LabError';
  readonly code = 'ELAB';
  readonly remedy: string;
  constructor(cause: string, remedy: string) {
    super(`${cause} ${remedy}`);
    this.remedy = remedy;
  }
}

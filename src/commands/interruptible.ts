// Ctrl-C: the first stops the run, whose record is kept and judged; the second leaves at once.
import { exitCode } from './exit-code.ts';

/** Somebody asked for the end before the run had begun: there is nothing to judge. */
export class Interruption extends Error {
  override name = 'Interruption';
  readonly exitCode: number;
  constructor(signal: string, code: number) {
    super(`Interrupted by ${signal}.`);
    this.exitCode = code;
  }
}

export const interruptible = () => {
  const controller = new AbortController();
  let code: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    const ownCode = signal === 'SIGINT' ? exitCode.interrupted : exitCode.terminated;
    if (code !== undefined) process.exit(ownCode);
    code = ownCode;
    process.stderr.write(`\n${signal}: stopping; what is recorded will be judged. Once more to leave at once.\n`);
    controller.abort(new Interruption(signal, ownCode));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    /** The exit code the interruption asks for; undefined when there was none. */
    exitCode: () => code,
    stop: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
};

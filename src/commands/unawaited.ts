// What a script began and did not await: a wait may stay without an end, but a call that failed is a fault somebody must hear of.

import { RunError } from '../experiment/run-error.ts';
import { stackOf } from '../record/thrown.ts';

/**
 * Watch for rejections nobody handles until stopped. Those of waits that were given up, or aborted by `signal`, are
 * nobody's loss.
 */
export const watchUnawaited = (signal: AbortSignal) => {
  let failed = false;
  const onRejection = (error: unknown) => {
    const isWait = error instanceof RunError && /^E(OVER|TIMEOUT|ENDED)$/.test(error.code);
    if (isWait || (signal.aborted && error === signal.reason)) return;
    failed = true;
    process.stderr.write(`finwait: a call that the script did not await has failed. ${stackOf(error)}\n`);
  };
  process.on('unhandledRejection', onRejection);
  return { failed: () => failed, stop: () => void process.off('unhandledRejection', onRejection) };
};

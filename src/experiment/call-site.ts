// The line of the experiment's source that made the call now under way, from the stack.
import { fileURLToPath } from 'node:url';
import type { Source } from '../record/source.ts';

const ownSource = fileURLToPath(new URL('..', import.meta.url));

/** The first frame outside finwait's own source and Node's. `undefined` when there is none within 30 frames. */
export const callSite = (): Source | undefined => {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 30;
  const { stack } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return siteIn(stack);
};

/** The first such frame in the stack of an error. */
export const siteIn = (stack = ''): Source | undefined => {
  for (const line of stack.split('\n')) {
    const found = /(?:\(|at (?:async )?)(?:file:\/\/)?(\/[^()]+):(\d+):\d+\)?$/.exec(line);
    const file = found?.[1];
    if (file && !file.startsWith(ownSource) && !file.includes('/node_modules/'))
      return { file, line: Number(found[2]) };
  }
  return undefined;
};

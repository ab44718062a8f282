// What the arguments of set-up ask for besides what finwait needs to run.
import { parseArgs } from 'node:util';
import { onDemand } from './commands.mjs';

/**
 * @param {string[]} args `--test`, `--with java,go`
 * @returns {{ wanted: string[], fault?: string }} `fault`: a sentence, where they ask for what there is not
 */
export const wantedBy = (args) => {
  const known = `--test, and --with ${onDemand.join(',')}`;
  try {
    const { test, with: lists = [] } = parseArgs({ args, options }).values;
    const names = lists.flatMap((list) => list.split(','));
    const strange = names.find((name) => !onDemand.includes(name));
    if (strange !== undefined) return { wanted: [], fault: `set-up knows no '${strange}': it takes ${known}.` };
    return { wanted: [...(test ? ['test'] : []), ...names] };
  } catch {
    return { wanted: [], fault: `set-up takes ${known}, and was given '${args.join(' ')}'.` };
  }
};

const options = /** @type {const} */ ({ test: { type: 'boolean' }, with: { type: 'string', multiple: true } });

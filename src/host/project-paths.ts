// An experiment names the programs beside it by the paths its collector sees. In a container the project lies elsewhere.
import { fileURLToPath } from 'node:url';
import type { SpawnRequest } from './requests.ts';

const here = fileURLToPath(new URL('../..', import.meta.url));
/** The folder of the project as the collector has it; told by whoever starts the agent, where it is not the agent's own. */
const there = process.env.FINWAIT_PROJECT;

/** The request with all paths below the collector's project turned into those of this host. */
export const withOwnPaths = (request: SpawnRequest): SpawnRequest => {
  if (!there || there === here) return request;
  const own = (text: string) => text.replaceAll(there, here);
  const { command, args, cwd, env } = request;
  return {
    ...request,
    ...(command && { command: own(command) }),
    ...(args && { args: args.map(own) }),
    ...(cwd && { cwd: own(cwd) }),
    ...(env && { env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value && own(value)])) }),
  };
};

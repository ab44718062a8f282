// The environment a program of the user's gets: what npm has put before it to start finwait is not the user's.
import { delimiter, sep } from 'node:path';

/** The environment without what npm adds for its scripts: `npm_*`, INIT_CWD, NODE, COLOR, and the folders at the head of PATH. */
export const userEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  if (env.npm_execpath === undefined && env.npm_lifecycle_event === undefined) return env;
  const { INIT_CWD, NODE, COLOR, PATH, ...rest } = env;
  const own = Object.entries(rest).filter(([name]) => !name.startsWith('npm_'));
  return { ...Object.fromEntries(own), ...(PATH !== undefined && { PATH: withoutNpm(PATH) }) };
};

/**
 * npm puts node_modules/.bin of the project and of each folder above it first, then a folder of its own
 * (@npmcli/run-script, set-path.js).
 */
const withoutNpm = (path: string): string => {
  const folders = path.split(delimiter);
  const own = folders.findIndex((folder) => !isOfNpm(folder));
  return (own < 0 ? [] : folders.slice(own)).join(delimiter);
};

const isOfNpm = (folder: string): boolean => ends.some((end) => folder.endsWith(end));
const ends = [`${sep}node_modules${sep}.bin`, `${sep}node-gyp-bin`];

// Whether node_modules is what package-lock.json asks for on this machine.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The Node finwait is written for: the first major version whose type stripping and APIs it uses. */
export const wantedNode = 24;

/** The project's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

// The lock file as it was when node_modules was last found complete. `npm ci` removes it with everything else there.
const stamp = `${root}node_modules/.finwait-lock.json`;
const lockFile = `${root}package-lock.json`;
const ownNode = `${root}node_modules/.bin/node`;

/** The quick look: the lock file has not changed since node_modules was found complete, and Node is new enough. */
export const packagesAreCurrent = () => {
  const installed = read(stamp);
  return installed?.equals(readFileSync(lockFile)) === true && hasWantedNode();
};

/** Remember that node_modules is complete, for the quick look. Where that cannot be written, every look is a thorough one. */
export const rememberPackages = () => {
  try {
    writeFileSync(stamp, readFileSync(lockFile));
  } catch {
    // node_modules belongs to another user, who keeps it up to date.
  }
};

/**
 * The thorough look, package by package, at what npm says it installed last.
 * @returns {string[]} the packages this machine needs and does not have, as `name version`
 */
export const missingPackages = () => {
  const wanted = parse(readFileSync(lockFile));
  const installed = parse(read(`${root}node_modules/.package-lock.json`));
  return Object.entries(wanted)
    .filter(([place, entry]) => place !== '' && isForThisMachine(entry))
    .filter(([place, { version }]) => installed[place]?.version !== version || !statSync(root + place, quietly))
    .map(([place, { version }]) => `${place.slice(place.lastIndexOf('node_modules/') + 13)} ${version}`);
};

/** The node_modules of this project bring a Node of their own on x64 and arm64; elsewhere the system's must do. */
export const hasWantedNode = () =>
  statSync(ownNode, quietly) !== undefined || Number.parseInt(process.versions.node, 10) >= wantedNode;

export { ownNode };

/** @type {{ throwIfNoEntry: false }} */
const quietly = { throwIfNoEntry: false };

/**
 * @typedef {{ version?: string, optional?: boolean, os?: string | string[], cpu?: string | string[], libc?: string |
 * string[] }} LockEntry
 */

// An optional package counts only when it names this platform: the others are left out on purpose, and so is what they need.
/** @param {LockEntry} entry */
const isForThisMachine = ({ optional, os, cpu, libc }) => {
  if (!optional) return true;
  if (!os && !cpu) return false;
  return includes(os, process.platform) && includes(cpu, process.arch) && includes(libc, 'glibc');
};

/**
 * @param {string | string[] | undefined} names
 * @param {string} name
 */
const includes = (names, name) => names === undefined || [names].flat().includes(name);

/**
 * @param {Buffer | undefined} bytes
 * @returns {Record<string, LockEntry>}
 */
const parse = (bytes) => (bytes ? (JSON.parse(bytes.toString()).packages ?? {}) : {});

/** @param {string} path */
const read = (path) => {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
};

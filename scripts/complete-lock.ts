// Adds to package-lock.json the optional packages of other platforms that the registry at hand did not offer.
// `npm install` leaves such packages out without a word, and `npm ci` then refuses the lock file on every machine.
// Run it after `npm install` has changed the lock file: `node scripts/complete-lock.ts`.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface LockPackage {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

export interface Lock {
  packages: Record<string, LockPackage>;
}

/** The entries missing from a lock file, by their place in node_modules. Empty when `npm ci` accepts it. */
export const missingPlatforms = (lock: Lock): Record<string, LockPackage> => {
  const missing: Record<string, LockPackage> = {};
  for (const [place, parent] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      if (isResolved(lock, place, name)) continue;
      const { os, cpu, libc } = platformOf(name);
      // In npm's order, so that its next `npm install` changes nothing here.
      missing[`node_modules/${name}`] = { version, cpu, ...dev(parent), ...libc, optional: true, os };
    }
  }
  return missing;
};

const isResolved = (lock: Lock, place: string, name: string): boolean => {
  if (`${place && `${place}/`}node_modules/${name}` in lock.packages) return true;
  return place !== '' && isResolved(lock, place.slice(0, Math.max(0, place.lastIndexOf('node_modules/') - 1)), name);
};

// The names follow one pattern: @biomejs/cli-linux-x64-musl, @oxc-parser/binding-win32-arm64-msvc.
const platformOf = (name: string) => {
  const found = /(android|darwin|freebsd|linux|openbsd|openharmony|win32)-([a-z0-9]+)(-musl)?/.exec(name);
  if (!found) throw new Error(`The name ${name} does not say which platform the package is for. Add it by hand.`);
  const [, os, cpu, musl] = found as unknown as [string, string, string, string?];
  return { os: [os], cpu: [cpu], libc: musl ? { libc: ['musl'] } : {} };
};

const dev = (parent: LockPackage) => (parent.dev ? { dev: true } : {});

const main = () => {
  const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(path, 'utf8')) as Lock;
  const missing = missingPlatforms(lock);
  // npm keeps the places sorted; the root, named by the empty string, comes first.
  const packages = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(packages) }, null, 2)}\n`);
  process.stdout.write(`${Object.keys(missing).length} packages of other platforms added to package-lock.json\n`);
};

if (import.meta.main) main();

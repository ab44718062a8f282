// What a run may leave behind, counted: the processes that bear its mark, their network namespaces, and what stands in its own
// temporary folder. The mark is a variable of the environment, which every process of a run inherits.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';

export type Mark = ReturnType<typeof makeMark>;

const folders: string[] = [];
// Registered here, not where a mark is made: what a test under way registers for the end of its file is never called.
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A mark for one or several runs. `environment` goes to the harness. */
export const makeMark = () => {
  const mark = `FINWAIT_TEST_MARK=${randomUUID()}`;
  const temporary = mkdtempSync(join(tmpdir(), 'temporary-of-a-test-'));
  folders.push(temporary);
  const spaces = new Set<string>();
  const processes = () => pids().filter((pid) => read(`/proc/${pid}/environ`).includes(mark));
  /** Remember the network namespaces the marked processes live in. */
  const look = (): number => {
    const marked = processes();
    for (const pid of marked) {
      const space = spaceOf(pid);
      if (space && space !== ownSpace) spaces.add(space);
    }
    return marked.length;
  };
  const left = () => ({
    processes: processes().map(commandOf),
    // The number of a namespace that has gone is soon given to another: what runs there with an environment of its own
    // is not ours.
    namespaces: pids().filter((pid) => spaces.has(spaceOf(pid) ?? '') && isOurs(read(`/proc/${pid}/environ`))),
    files: readdirSync(temporary, { recursive: true, encoding: 'utf8' }),
  });
  const isOurs = (environment: string) => environment === '' || environment.includes(mark);
  const [name, value] = mark.split('=') as [string, string];
  return {
    environment: { [name]: value, TMPDIR: temporary },
    temporary,
    look,
    /** How many namespaces were seen so far. */
    spaces: () => spaces.size,
    left,
    /** The marked processes whose command line fits. */
    find: (command: RegExp): number[] =>
      processes()
        .filter((pid) => command.test(commandOf(pid)))
        .map(Number),
    /** What is left once nothing runs any more, or after two seconds. */
    settled: async () => {
      const deadline = performance.now() + 2000;
      while (look() + left().namespaces.length > 0 && performance.now() < deadline) await pause(10);
      return left();
    },
  };
};

/** What the machine itself shows: the devices, addresses and routes of its own network namespace, and its sysctls. */
export const machine = () => ({
  devices: readdirSync('/sys/class/net').sort(),
  routes: read('/proc/net/route'),
  addresses: read('/proc/net/fib_trie'),
  sysctls: readdirSync('/proc/sys/net/ipv4')
    .filter((name) => name.startsWith('tcp_') || name.startsWith('ip_'))
    .map((name) => `${name} ${read(`/proc/sys/net/ipv4/${name}`)}`),
  ipv6: read('/proc/sys/net/ipv6/conf/all/disable_ipv6'),
});

const pids = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

const commandOf = (pid: string): string => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();

const read = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

const spaceOf = (pid: string): string | undefined => {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
};

const ownSpace = spaceOf('self');

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { outputOf, run } from './child.ts';
import { goFirst } from './priority.ts';

const SCHED_OTHER = 0;
const SCHED_RR = 2;

/** Field 41 of proc_pid_stat(5). */
const policyIn = (stat: string): number => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[41 - 3]);

const ownPolicies = () =>
  readdirSync('/proc/self/task').map((thread) => policyIn(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8')));

const capabilities = BigInt(`0x${/^CapEff:\t(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
const mayGoFirst = Boolean(capabilities & (1n << 23n)); // CAP_SYS_NICE

const policyOfChild = async (): Promise<number> => policyIn(await outputOf('cat', ['/proc/self/stat']));

const until = async (isSo: () => boolean) => {
  while (!isSo()) await pause(5);
};

test.runIf(mayGoFirst)(
  'while a lab stands the collector goes first, and neither its other threads nor what it starts',
  async () => {
    const before = ownPolicies();
    expect(await policyOfChild()).toBe(SCHED_OTHER);
    const [first, second] = [goFirst(), goFirst()];
    await until(() => ownPolicies().includes(SCHED_RR));
    expect(await policyOfChild()).toBe(SCHED_OTHER);
    expect(await run('no-such-program', [])).toMatchObject({ ok: false, isMissing: true });
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    await new Promise((resolve) => worker.once('online', resolve));
    expect(ownPolicies().filter((policy) => policy === SCHED_RR)).toHaveLength(1);
    await worker.terminate();
    first();
    expect(ownPolicies()).toContain(SCHED_RR);
    second();
    await until(() => !ownPolicies().includes(SCHED_RR));
    expect(before).not.toContain(SCHED_RR);
  },
);

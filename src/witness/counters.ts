// The counters of a host's TCP (proc_net(5)): /proc/net/netstat and /proc/net/snmp of this network namespace, read with
// each sample of ss. First all of them, then what has changed since the last reading: the sum is what the kernel
// showed.

import { readFileSync } from 'node:fs';
import { now } from '../record/clock.ts';
import { itemAt } from '../record/item-at.ts';
import { messageOf } from '../record/thrown.ts';

/** A reading: between which moments (CLOCK_MONOTONIC, ns), and the values, by names such as `TcpExt.ListenDrops`. */
export type CounterReading =
  | { begin: number; end: number; whole?: true; values: Record<string, number> }
  | { begin: number; end: number; error: string };

const files = ['/proc/net/netstat', '/proc/net/snmp'];

/** Gives a function that reads them. */
export const startCounterWitness = (): (() => CounterReading) => {
  let last: Record<string, number> | undefined;
  return () => {
    const begin = now();
    try {
      const text = files.map((file) => readFileSync(file, 'latin1')).join('');
      const end = now();
      const all = parseCounters(text);
      const before = last;
      last = all;
      if (!before) return { begin, end, whole: true, values: all };
      return {
        begin,
        end,
        values: Object.fromEntries(Object.entries(all).filter(([name, value]) => before[name] !== value)),
      };
    } catch (error) {
      return { begin, end: now(), error: messageOf(error) };
    }
  };
};

/** The pairs of lines of /proc/net/netstat and /proc/net/snmp: names, then values, both behind the name of their table. */
export const parseCounters = (text: string): Record<string, number> => {
  const counters: Record<string, number> = {};
  const lines = text.split('\n');
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const [table = '', ...names] = itemAt(lines, index).split(' ');
    const values = itemAt(lines, index + 1)
      .split(' ')
      .slice(1);
    for (const [nth, name] of names.entries()) counters[`${table.replace(':', '')}.${name}`] = Number(values[nth]);
  }
  return counters;
};

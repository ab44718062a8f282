// Which settings of the hosts were not a new network namespace's: those that were made, and those the machine had.

import type { ApiRecord } from '../record/api-records.ts';
import { textIn } from '../record/fields.ts';
import type { Environment } from '../verdict/schema.ts';

/** The sysctls that the place or the run set to something else than they were, with the first value they had. */
export const sysctlsSet = (api: ApiRecord[]): Environment['sysctls'] => {
  const set = new Map<string, Environment['sysctls'][number]>();
  const inherited = new Map(inheritedBy(api).map((one) => [`${one.host} ${one.name}`, one.default]));
  for (const record of api) {
    if (record.type === 'setting' && !record.inherited) {
      const { host, name, value } = record;
      set.set(`${host} ${name}`, { host, name, value, default: record.default });
    }
    if (record.type !== 'call' || record.api !== 'sysctl' || record.args.length < 2) continue;
    const back = api.find((one) => one.type === 'return' && one.call === record.call);
    const value = back?.type === 'return' ? back.value : undefined;
    const [before, after] = [textIn(value, 'before'), textIn(value, 'after')];
    if (before === undefined || after === undefined) continue;
    const name = String(record.args[0]);
    const key = `${record.host} ${name}`;
    const first = set.get(key)?.default ?? inherited.get(key) ?? before;
    if (first === after) set.delete(key);
    else set.set(key, { host: record.host, name, value: after, default: first });
  }
  return [...set.values()];
};

/** What the hosts had from the machine. */
export const inheritedBy = (api: ApiRecord[]): Environment['sysctls'] =>
  api.flatMap((record) => {
    if (record.type !== 'setting' || !record.inherited) return [];
    const { host, name, value } = record;
    return [{ host, name, value, default: record.default }];
  });

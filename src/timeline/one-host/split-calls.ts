// The calls of programs that have both ends: each belongs to the end its socket is at.
import type { ApiRecord } from '../../record/api-records.ts';
import { endpoint } from '../../record/endpoint.ts';
import { twoHosts } from '../../record/hosts.ts';
import type { HeldOnHost, Traced } from '../tracing/tracing.ts';
import type { Ends } from './ends.ts';

/** What a program did at its start and its end concerns both ends: it is told at each. */
export const atBothEnds = (records: readonly ApiRecord[]): ApiRecord[] =>
  records.flatMap((record) =>
    record.type === 'process' ? twoHosts.map((host): ApiRecord => ({ ...record, host })) : [record],
  );

export const splitCalls = (traced: Traced, ends: Ends): Traced => {
  const held = traced.held.map((one): HeldOnHost => ({ ...one, host: ends.at(one.local, one.remote) }));
  const byDescriptor = Map.groupBy(held, ({ process, fd }) => `${process} fd ${fd}`);
  const returns = new Map(traced.records.flatMap((one) => (one.type === 'return' ? [[one.call, one.t]] : [])));
  const records = traced.records.map((record): ApiRecord => {
    if (record.type !== 'call') return record;
    const { process, target, call, t, remote } = record;
    const done = returns.get(call) ?? Number.POSITIVE_INFINITY;
    // By the time it returned: socket(2) makes what it is told of.
    const socket = byDescriptor
      .get(`${process} ${target}`)
      ?.findLast(({ from, until }) => from <= done && (until ?? Number.POSITIVE_INFINITY) >= t);
    if (record.api === 'connect' && remote) return { ...record, host: 'client' };
    // A bind that failed gave the socket no address: where it was to be tells.
    const wanted = record.api === 'bind' && !socket?.local ? endpoint.safeParse(record.args[1]).data : undefined;
    return { ...record, host: wanted ? ends.at(wanted) : (socket?.host ?? 'client') };
  });
  return { ...traced, records: atBothEnds(records), held };
};

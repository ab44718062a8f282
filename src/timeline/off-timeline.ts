// What the witnesses saw and the timeline does not show: frames that hold no TCP segment, and connections of a host with itself.

import { isAddressReport, otherKind } from '../packet/frame-kind.ts';
import { type HostName, hostsIn } from '../record/hosts.ts';
import type { DestroyedSocket, Sample, SocketRow } from '../record/samples.ts';
import type { HostCapture } from './reading/captures.ts';
import type { OffTimeline } from './schema.ts';

/**
 * Each frame counts once, as its sender's tcpdump saw it, but for what follows from the lab's own addresses. Undefined
 * when there was nothing.
 */
export const findOffTimeline = (
  captures: Record<HostName, HostCapture>,
  samples: readonly Sample[],
  destroyed: readonly DestroyedSocket[],
): OffTimeline | undefined => {
  const hosts = hostsIn(captures);
  const frames = countFrames(hosts.map((host) => captures[host]));
  const loopback = hosts.flatMap((host) => {
    const isOf = (one: { host: HostName }) => one.host === host;
    const rows = samples.filter(isOf).flatMap((sample) => sample.rows);
    // One that came and went between two samples the kernel has reported.
    const ends = [...rows, ...destroyed.filter(isOf)].filter(isLoopback);
    const came = Map.groupBy(ends, pairOf).values().filter(hasComeAbout);
    const connections = [...came].length;
    return connections > 0 ? [{ host, connections }] : [];
  });
  return frames.length > 0 || loopback.length > 0 ? { frames, loopback } : undefined;
};

const countFrames = (captures: HostCapture[]): OffTimeline['frames'] => {
  const counts = new Map<string, OffTimeline['frames'][number]>();
  for (const { sent } of captures) {
    for (const { data } of [...sent.copies.values(), ...sent.strange]) {
      const kind = otherKind(data);
      if (!kind || isAddressReport(data)) continue;
      const name = `${kind.network} ${kind.protocol}`;
      const known = counts.get(name) ?? { ...kind, count: 0 };
      known.count++;
      counts.set(name, known);
    }
  }
  return [...counts.values()];
};

type Ends = Pick<SocketRow, 'local' | 'peer'>;

/** The kernel takes a host's own addresses to its loopback device, too. */
const isLoopback = ({ local, peer }: Ends): boolean => peer.port !== 0 && local.address === peer.address;

/** An attempt that nobody answered, or that was refused, has one end, and that was never beyond SYN-SENT. */
const hasComeAbout = (ends: (Ends & { state?: SocketRow['state'] })[]): boolean =>
  new Set(ends.map(({ local }) => local.port)).size > 1 ||
  ends.some(({ state, local, peer }) => (state !== undefined && state !== 'SYN-SENT') || local.port === peer.port);

/** The same for both ends. */
const pairOf = ({ local, peer }: Ends): string =>
  [local, peer]
    .map(({ address, port }) => `${address} ${port}`)
    .sort()
    .join(' ');

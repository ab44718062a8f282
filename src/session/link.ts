// A host's end of the wire, in the hands of its sidecar.
import type { Channel } from '../control/channel.ts';
import { parsedValue, replies } from '../control/replies.ts';
import type { HostName } from '../record/hosts.ts';
import type { Link } from '../wire/link.ts';
import type { Sockets } from './sockets.ts';

export const linkOf = (
  host: HostName,
  sidecarOf: (host: HostName) => Channel,
  { sample, isUndisturbed }: Pick<Sockets, 'sample' | 'isUndisturbed'>,
): Link => ({
  deliver: async (frame) =>
    parsedValue(replies.deliver, sidecarOf(host).request({ do: 'deliver' }, Buffer.from(frame))),
  setState: async (state) => void (await sidecarOf(host).request({ do: 'link', state })),
  sample: async (reason) => {
    if (!isUndisturbed()) await sample(host, reason);
  },
  barrier: async () => void (await sidecarOf(host).request({ do: 'barrier' })),
});

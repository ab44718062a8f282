// Whose a row of ss is, where a connection is made anew between the same endpoints: the cookie of a socket tells.

import { isSameEndpoint } from '../../record/endpoint.ts';
import type { HostName } from '../../record/hosts.ts';
import type { Sample, SocketRow } from '../../record/samples.ts';
import { endsAt } from '../../timeline/connection-index.ts';
import type { Connection, StateEvent } from '../../timeline/schema.ts';

/** Learns from the changes of state, in order, which connection the cookies belong to that the samples show. */
export const rowOwners = (samples: readonly Sample[]) => {
  const byId = new Map(samples.map((sample) => [sample.id, sample]));
  const known = new Map<string, number>();
  return {
    learn: ({ host, connection, local, peer, to, after }: StateEvent): void => {
      if (connection === undefined) return;
      const isIt = (row: SocketRow) =>
        isSameEndpoint(row.local, local) && isSameEndpoint(row.peer, peer) && row.state === to;
      const { cookie } = byId.get(after)?.rows.find(isIt) ?? {};
      const key = `${host} ${cookie}`;
      if (cookie && !known.has(key)) known.set(key, connection);
    },
    /** Whether a row is the host's end of the connection, and not of another between the same endpoints. */
    isRowOf: (connection: Connection, host: HostName): ((row: SocketRow) => boolean) => {
      const [own, far] = endsAt(connection, host);
      return ({ local, peer, cookie }) =>
        isSameEndpoint(local, own) &&
        isSameEndpoint(peer, far) &&
        (known.get(`${host} ${cookie}`) ?? connection.number) === connection.number;
    },
  };
};

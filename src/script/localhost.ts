// 127.0.0.1 of a host leads to another: for programs that know no other address.
import type { HostIdentity } from '../experiment/vocabulary.ts';
import { now } from '../record/clock.ts';
import type { HostName } from '../record/hosts.ts';
import type { Session } from '../session/session.ts';
import { socketsOf } from './sockets.ts';

/**
 * Lead the ports where a listener of `to` stands and none of `host`'s own, but for those in `led`. Resolves to them; where
 * there is none, nothing has happened.
 */
export const leadLocalhost = async (
  session: Session,
  host: HostName,
  to: HostIdentity,
  led: ReadonlySet<number>,
): Promise<number[]> => {
  const [own, others] = await Promise.all([listeningPorts(session, host), listeningPorts(session, to.name)]);
  const ports = [...others.difference(own).difference(led)].sort((a, b) => a - b);
  if (ports.length === 0) return [];
  await session.step(
    `${host}: 127.0.0.1 leads to the ${to.name}`,
    async (step, source) => {
      const { lab, recorder } = session;
      const call = `localhost:${host}:${step}`;
      const args = [to.address, ports];
      const process = 'kernel';
      recorder.api({
        ...{ type: 'call', t: now(), call, step, host, process, via: 'host', by: 'script', api: 'localhost', args },
        source,
      });
      await lab.sidecar[to.name].request({ do: 'takeLocalhost' });
      await lab.sidecar[host].request({ do: 'leadLocalhost', to: to.address, ports });
      recorder.api({ type: 'return', t: now(), call });
    },
    true,
  );
  return ports;
};

const listeningPorts = async (session: Session, host: HostName): Promise<Set<number>> =>
  new Set((await socketsOf(session, host).sockets({ state: 'LISTEN' })).map(({ local }) => local.port));

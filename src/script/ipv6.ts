// Gives all hosts their IPv6 addresses, for an experiment that asks for them.
import { now } from '../record/clock.ts';
import { addressOf, device, hostsIn } from '../record/hosts.ts';
import type { Session } from '../session/session.ts';

export const giveIpv6Addresses = async ({ lab, recorder, step }: Session): Promise<void> => {
  for (const host of hostsIn(lab.sidecar)) {
    const args = [`addr add ${addressOf[host].ip6}/64 dev ${device}`];
    await step(`${host}: ip ${args}`, async (number) => {
      const call = `ipv6:${host}`;
      recorder.api({
        ...{ type: 'call', t: now(), call, step: number, host, process: 'kernel' },
        ...{ via: 'host', by: 'script', api: 'ip', args },
      });
      await lab.sidecar[host].request({ do: 'ipv6' });
      recorder.api({ type: 'return', t: now(), call });
    });
  }
};

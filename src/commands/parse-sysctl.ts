// A sysctl as the command line names it.
import { hostNames } from '../record/hosts.ts';
import { faultOfSysctlName } from '../record/sysctl-name.ts';
import type { Plan } from '../recording/schema.ts';
import { UsageError } from './usage-error.ts';

/** `client:net.ipv4.tcp_fin_timeout=5` */
export const parseSysctl = (text: string): Plan['sysctls'][number] => {
  const [, before, name, value] = /^(\w+):([^=]+)=(.+)$/s.exec(text) ?? [];
  const host = hostNames.find((one) => one === before);
  if (!host || !name || !value) {
    throw new UsageError(
      `--sysctl '${text}' is not understood: write host:name=value, such as client:net.ipv4.tcp_fin_timeout=5.`,
    );
  }
  const fault = faultOfSysctlName(name);
  if (fault) throw new UsageError(`--sysctl '${text}': ${fault}`);
  return { host, name, value };
};

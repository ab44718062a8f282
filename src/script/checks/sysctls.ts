// The sysctls that an experiment or the command line asks for, tried before a lab is built.
import type { Experiment } from '../../experiment/experiment.ts';
import { RunError } from '../../experiment/run-error.ts';
import type { Place } from '../../lab/lab.ts';
import { type SysctlSetting, trySysctls } from '../../lab/try-sysctls.ts';

/** Throws RunError for one that no host of a lab could set. */
export const checkSysctls = async (settings: SysctlSetting[], place: Place): Promise<void> => {
  if (place.name === 'docker' && process.env.DOCKER_HOST) return; // an engine elsewhere has another kernel
  const problem = await trySysctls(settings);
  if (!problem) return;
  const { name, value, is } = problem;
  throw new RunError(
    is === 'unknown'
      ? `No host of a lab has the sysctl ${name}: this kernel has none of that name, or one for the whole machine and not for each network namespace.`
      : `The sysctl ${name} does not take the value '${value}' on this kernel.`,
    'EUSAGE',
  );
};

/** Those an experiment is defined with. */
export const sysctlsOf = ({ sysctls = {} }: Experiment): SysctlSetting[] =>
  Object.values(sysctls).flatMap((settings) =>
    Object.entries(settings ?? {}).map(([name, value]) => ({ name, value: String(value) })),
  );

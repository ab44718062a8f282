// What finwait's exit codes mean; printed by --help.
import type { Result } from '../verdict/schema.ts';

export const exitCode = {
  decided: 0,
  mismatch: 1,
  inconclusive: 2,
  machine: 3,
  diagnosed: 4,
  usage: 64,
  fault: 70,
  interrupted: 130,
  terminated: 143,
} as const;

export const exitCodeHelp = `Exit codes:
    0  every finding got a verdict other than inconclusive (refuting an article is a success of the experiment)
    1  packetdrill: the kernel did something else than a script says; the finding names the line.
       run --repeat: a finding got two different verdicts
    2  at least one finding is inconclusive
    3  this machine cannot run it: the message names the remedy
    4  try: a fault of the programs was diagnosed
   64  the command line, the definition of an experiment or a sysctl is wrong, or a packetdrill script uses what is not supported:
       the message names the line
   70  a fault of finwait itself, or the script of an experiment failed
  130  interrupted (Ctrl-C); 143 terminated (SIGTERM). What was recorded is kept and judged`;

/** The exit code of runs by their verdicts. What is not applicable on this machine counts only where nothing else is. */
export const codeOf = (results: Pick<Result, 'error' | 'findings' | 'diagnoses'>[]): number => {
  if (results.some(({ error }) => error)) return exitCode.fault;
  const inconclusive = results.some(({ findings }) => findings.some(({ verdict }) => verdict === 'inconclusive'));
  if (inconclusive) return exitCode.inconclusive;
  if (results.length > 0 && results.every(isNotApplicable)) return exitCode.machine;
  return results.some(({ diagnoses = [] }) => diagnoses.some(({ harmless }) => !harmless))
    ? exitCode.diagnosed
    : exitCode.decided;
};

const isNotApplicable = ({ findings }: Pick<Result, 'findings'>): boolean =>
  findings.length > 0 && findings.every(({ verdict }) => verdict === 'not-applicable');

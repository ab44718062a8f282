// Decodes strace-<host>.txt: what strace wrote of each program of a host, and whether it is all.
import type { Gap } from '../../record/gap.ts';
import { type HostName, hostNames } from '../../record/hosts.ts';
import type { TracedProgram } from './follow-program.ts';

export type ReadTraces = { programs: TracedProgram[]; gaps: Gap[] };

/** Decode the files of all hosts. Times of gaps are CLOCK_MONOTONIC (ns). Never throws. */
export const readTraces = (files: Partial<Record<HostName, string>>): ReadTraces => {
  const hosts = hostNames.map((host) => readFile(host, files[host] ?? ''));
  return { programs: hosts.flatMap(({ programs }) => programs), gaps: hosts.flatMap(({ gaps }) => gaps) };
};

const readFile = (host: HostName, file: string): ReadTraces => {
  const programs: TracedProgram[] = [];
  const gaps: Gap[] = [];
  const gap = (reason: string, from?: number) =>
    gaps.push({ witness: 'strace', host, reason, ...(from !== undefined && { from }) });
  const open = new Map<string, { program: TracedProgram; last: number }>();
  let rest = file;
  while (rest !== '') {
    const { line = '', kind, t, pid, bytes, process = '' } = headingPattern.exec(rest)?.groups ?? {};
    if (kind === undefined) {
      gap(`strace-${host}.txt is damaged: ${JSON.stringify(rest.slice(0, 60))} is no heading`);
      break;
    }
    rest = rest.slice(line.length + 1);
    const known = open.get(process);
    if (kind === 'begin') {
      const program = { host, process, pid: Number(pid), text: '' };
      programs.push(program);
      open.set(process, { program, last: Number(t) });
    } else if (!known) gap(`strace-${host}.txt tells of ${process}, which was not begun`);
    else if (kind === 'end') open.delete(process);
    else {
      const length = Number(bytes);
      known.program.text += rest.slice(0, length);
      known.last = Number(t);
      if (rest.length < length + 1) gap(`what strace wrote of ${process} is cut short`, known.last);
    }
    if (kind === 'read') rest = rest.slice(Number(bytes) + 1);
  }
  for (const [process, { last }] of open) gap(`what strace wrote of ${process} breaks off`, last);
  return { programs, gaps };
};

const headingPattern =
  /^(?<line># (?<kind>begin|read|end) t=(?<t>\d+)(?: pid=(?<pid>\d+))?(?: bytes=(?<bytes>\d+))? process=(?<process>[^\n]*))\n/;

// While a lab stands, the collector goes before whatever else keeps the cores busy, as the sidecars do: a segment waits
// on the wire for both, and when it waits longer than an RTO the sender's kernel sends it again, so that the load would
// be part of the record.
import { familyOf } from './descendants.ts';

/** Let this process, and not what it starts, go first until the returned function has been called for each lab. */
export const goFirst = (): (() => void) => {
  const lab = Symbol();
  labs.add(lab);
  void schedule();
  return () => {
    labs.delete(lab);
    void schedule();
  };
};

const labs = new Set<symbol>();
let isFirst = false;

/**
 * Let a process of a lab that may not do so by itself go first, with all it has started and will start. Its id is
 * looked up only where this process was allowed to.
 */
export const letFamilyGoFirst = async (idOf: () => Promise<number | undefined>): Promise<void> => {
  const pid = isFirst ? await idOf() : undefined;
  if (pid !== undefined) scheduler?.letGoFirst(familyOf(pid));
};

/** Without CAP_SYS_NICE nothing happens. Loaded by the first lab, because most commands have none. */
const schedule = async () => {
  scheduler ??= await import('./scheduler.ts').catch(() => undefined); // a sidecar, which needs the same, says what is wrong
  if (!scheduler) return;
  if (labs.size > 0) isFirst ||= scheduler.goFirst(0, { andWhatItStarts: false });
  else if (isFirst) {
    scheduler.goLikeOthers();
    isFirst = false;
  }
};
let scheduler: typeof import('./scheduler.ts') | undefined;

/**
 * Starting a child keeps this process until the new one has reached execve(2): on busy cores that took up to 150 ms, in
 * which no segment moved in any lab. So the new one goes first as well until it has, and is then made one among the
 * others by chrt(1). `start` is to start the command it is given before it returns.
 */
export const startAtOnce = <Started>(
  command: string,
  args: string[],
  start: (command: string, args: string[]) => Started,
): Started => {
  if (!isFirst || !scheduler) return start(command, args);
  scheduler.goFirst(0, { andWhatItStarts: true });
  try {
    return start('chrt', ['--other', '0', command, ...args]);
  } finally {
    scheduler.goFirst(0, { andWhatItStarts: false });
  }
};

// Looks after a process that one of the agent's processes has started, and which therefore is no child of the agent.
import { setTimeout as pause } from 'node:timers/promises';
import type { HostProcess } from './host-process.ts';
import { standingOf } from './process-state.ts';
import type { Recorder } from './recorder.ts';

/**
 * How it ended is told to its parent alone: `ended` gives neither code nor signal. `hasParent` says whether a pid is one of the
 * agent's that runs; such a parent records the end of its child, in place of one that has gone it is recorded here.
 */
export const adoptProcess = (
  { name, pid }: { name: string; pid: number },
  { recorder, hasParent }: { recorder: Recorder; hasParent(parent: number): boolean },
): HostProcess => {
  const untilEnded = async () => {
    let family = standingOf(pid);
    while (family && adopted.running) {
      await pause(pollMs);
      const next = standingOf(pid);
      if (!next) break;
      family = next;
    }
    adopted.running = false;
    if (family && !hasParent(family.parent))
      recorder.process({ process: name, edge: 'exit', pid, code: null, signal: null });
    return { code: null, signal: null };
  };
  const adopted: HostProcess = { name, pid, running: true, ended: Promise.resolve({ code: null, signal: null }) };
  adopted.ended = untilEnded();
  return adopted;
};

const pollMs = 5;

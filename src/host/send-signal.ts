// Signals to processes, each recorded as a call: kill, and freeze and thaw for SIGSTOP and SIGCONT.
import { now } from '../record/clock.ts';
import { codeOf, failure } from './errno.ts';
import { countChildren, dispositionOf, standingOf, untilStopped } from './process-state.ts';
import type { Processes } from './processes.ts';
import type { Recorder } from './recorder.ts';
import type { SignalRequest } from './requests.ts';

/**
 * Send a signal. After SIGSTOP it waits until every thread of the process has stopped, two seconds at most (EAGAIN).
 * Throws ESRCH for a process that has ended or is none of this agent's.
 */
export const sendSignal = async (recorder: Recorder, processes: Processes, request: SignalRequest): Promise<object> => {
  const { call: id, step, source, signal, group = false } = request;
  const { pid, name } = whom(processes, request);
  const api = apis[signal] ?? 'kill';
  const victim = api === 'kill' && { disposition: dispositionOf(pid, signal), ...childrenOf(pid) };
  const args = group ? [signal, { group }] : [signal];
  const call = recorder.call({ call: id, step, source, process: name, by: 'script', api, args, ...victim });
  let sentAt: number;
  try {
    if (!isOurs(processes, pid)) throw failure('ESRCH', `Cannot send ${signal} to ${name}: it has ended.`);
    sentAt = now();
    process.kill(group ? -pid : pid, signal);
    if (signal === 'SIGSTOP') await untilStopped(pid);
    recorder.returned(call);
  } catch (error) {
    recorder.returned(call, { errno: codeOf(error) });
    throw error;
  }
  const edge = edges[signal];
  // A process that is continued may do something before this one does: it runs from the moment the signal is sent.
  const more = { ...(edge === 'continue' && { t: sentAt }), ...(edge === 'stop' && childrenOf(pid)) };
  if (edge) recorder.process({ process: name, edge, pid, ...more });
  return {};
};

/** They may act for the process, and hold what it holds. */
const childrenOf = (pid: number): { children?: number } => {
  const children = countChildren(pid);
  return children > 0 ? { children } : {};
};

const apis: Partial<Record<NodeJS.Signals, string>> = { SIGSTOP: 'freeze', SIGCONT: 'thaw' };
const edges: Partial<Record<NodeJS.Signals, 'stop' | 'continue'>> = { SIGSTOP: 'stop', SIGCONT: 'continue' };

const whom = (processes: Processes, { name, pid }: SignalRequest) => {
  if (pid !== undefined) return { pid, name: name ?? `pid ${pid}` };
  if (name === undefined) throw failure('EINVAL', 'Cannot send a signal to nobody: give a name or a pid.');
  return { pid: processes.find(name).pid, name };
};

// A number may have been given to a stranger since: only what is in a group this agent made is signalled.
const isOurs = (processes: Processes, pid: number): boolean => {
  const family = standingOf(pid);
  return family !== undefined && processes.owns(family.group);
};

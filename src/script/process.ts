// What every process of a host can be told: signals, and waiting for its end.
import { untilTheRunEnds } from '../control/channel.ts';
import { parsedValue, replies } from '../control/replies.ts';
import type { Process } from '../experiment/vocabulary.ts';
import type { HostName } from '../record/hosts.ts';
import { addressOf } from '../record/hosts.ts';
import type { Session } from '../session/session.ts';
import { checked } from './checks/check.ts';
import { processWords } from './checks/process-words.ts';

export const processOf = (session: Session, host: HostName, name: string): Process => {
  const { lab, frozen } = session;
  const signal = (what: string, signalName: string, { local = false, group = false } = {}) =>
    session.step(
      `${name}: ${what}`,
      async (step, source) => {
        if (signalName === 'SIGCONT') frozen.delete(name);
        await lab.agent[host].request({ do: 'signal', name, signal: signalName, group, step, source });
        if (signalName === 'SIGSTOP') frozen.add(name);
        if (signalName === 'SIGKILL' || (session.isDriven(name) && !frozen.has(name) && endsNode.has(signalName))) {
          await lab.agent[host].request({ do: 'wait', name }, undefined, untilTheRunEnds);
          frozen.delete(name);
        }
      },
      local,
    );
  const methods: Process = {
    name,
    host,
    kill: (signalName = 'SIGTERM', { group } = {}) => signal(`kill(${signalName})`, signalName, { group }),
    freeze: () => signal('freeze', 'SIGSTOP', { local: true }),
    thaw: () => signal('thaw', 'SIGCONT'),
    exited: async ({ timeoutMs } = {}) =>
      session.waitFor(`${name} on the ${host} to end`, endOf(session, host, name), timeoutMs),
  };
  return checked('process.', methods, processWords);
};

/** How a process ended, once it has. */
export const endOf = ({ lab }: Session, host: HostName, name: string) =>
  parsedValue(replies.end, lab.agent[host].request({ do: 'wait', name }, undefined, untilTheRunEnds));

/** `SIGKILL`, `exit code 1` */
export const endWords = ({ code, signal }: Awaited<ReturnType<typeof endOf>>): string => signal ?? `exit code ${code}`;

/** The signals that end a Node process which listens to none of them. A program may do as it likes with all but SIGKILL. */
const endsNode = new Set(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGABRT', 'SIGALRM', 'SIGUSR2']);

/** The address of a host, where a server on it listens. */
export const addressOfTarget = (host: HostName) => addressOf[host].ip;

/** A child process that shares a descriptor has dialled: from now on the agent of its host looks after it. */
export const adopted = async (session: Session, host: HostName, name: string) => {
  const arrival = await session.arrival(name);
  await session.lab.agent[host].request({ do: 'adopt', name, pid: arrival.hello.pid });
  return arrival;
};

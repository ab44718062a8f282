// The processes of a run that are driven call by call: their names, their connections, and which of them are frozen.
import type { Channel } from '../control/channel.ts';
import type { ProcessHello } from '../lab/lab.ts';

export type Arrival = { hello: ProcessHello; channel: Channel };

export type Processes = {
  /** A name no other process of the lab has: `nc`, then `nc-2`. */
  nameFor(wanted: string): string;
  /** Resolves when the process has dialled. */
  arrival(name: string): Promise<Arrival>;
  arrived(hello: ProcessHello, channel: Channel): void;
  /** Whether it is a process driven call by call, and not any program. */
  isDriven(name: string): boolean;
  /** Names of the processes under SIGSTOP. */
  frozen: Set<string>;
  /** Resolves when every process that runs has handled what reached it. Those that are frozen or gone cannot. */
  settle(): Promise<void>;
};

export const createProcesses = (): Processes => {
  const names = new Map<string, number>();
  const channels = new Map<string, Channel>();
  const arrivals = new Map<string, PromiseWithResolvers<Arrival>>();
  const frozen = new Set<string>();
  const arrivalOf = (name: string) => {
    const known = arrivals.get(name) ?? Promise.withResolvers<Arrival>();
    arrivals.set(name, known);
    return known;
  };
  return {
    nameFor: (wanted) => {
      const count = (names.get(wanted) ?? 0) + 1;
      names.set(wanted, count);
      return count === 1 ? wanted : `${wanted}-${count}`;
    },
    arrival: (name) => arrivalOf(name).promise,
    arrived: (hello, channel) => {
      const { name } = hello;
      channels.set(name, channel);
      void channel.closed.then(() => channels.delete(name));
      arrivalOf(name).resolve({ hello, channel });
    },
    isDriven: (name) => arrivals.has(name),
    frozen,
    settle: async () => {
      const awake = [...channels].filter(([name]) => !frozen.has(name));
      await Promise.all(awake.map(([, channel]) => channel.request({ do: 'ping' }).catch(unlessLate)));
    },
  };
};

/** What a process that is gone has not handled is told elsewhere; one that does not answer has not handled what reached it. */
const unlessLate = (error: Error & { code?: string }) => {
  if (error.code === 'ELATE') throw error;
};

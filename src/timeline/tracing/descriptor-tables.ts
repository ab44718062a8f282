// Who has which TCP socket, and as which descriptor: followed through fork(2), execve(2), dup(2), close(2), descriptors
// that are passed on (SCM_RIGHTS in unix(7)), and the ends of processes.
import type { Endpoint } from '../../record/endpoint.ts';
import { isSameEndpoint, isUnspecified } from '../../record/endpoint.ts';
import type { TcpDescriptor } from './descriptor-words.ts';

/** That a process had a socket, from a moment (CLOCK_MONOTONIC, ns) to another. */
export type Held = {
  /** The name of the process: `server`, or of one it has started `server[1235]`. */
  process: string;
  pid: number;
  fd: number;
  local?: Endpoint;
  /** Absent of a listener, and of a socket that was never connected. */
  remote?: Endpoint;
  from: number;
  how: 'socket' | 'accept' | 'dup' | 'fork' | 'received' | 'unknown';
  /** Absent where it had it to the end of the record. */
  until?: number;
  /** What took it away. */
  ended?: 'close' | 'exec' | 'exit';
};

type Open = { held: Held; closesOnExec: boolean };

/** A process with its table; its threads share both. With CLONE_FILES (clone(2)) a child shares the table alone. */
export type TracedProcess = { name: string; pid: number; open: Map<number, Open>; sharesTable?: boolean };

const descriptorOf = ({ fd, local, remote }: Held): TcpDescriptor => ({
  fd,
  ...(local && { local }),
  ...(remote && { remote }),
});

export const createTables = () => {
  const all: Held[] = [];
  const take = (
    owner: TracedProcess,
    descriptor: TcpDescriptor,
    from: number,
    how: Held['how'],
    closesOnExec: boolean,
  ) => {
    release(owner, descriptor.fd, from, 'close'); // dup2(2) closes what had the number
    const held: Held = { process: owner.name, pid: owner.pid, ...descriptor, from, how };
    all.push(held);
    owner.open.set(descriptor.fd, { held, closesOnExec });
  };
  const release = ({ open }: TracedProcess, fd: number, until: number, ended: NonNullable<Held['ended']>) => {
    const known = open.get(fd);
    if (!known) return;
    open.delete(fd);
    Object.assign(known.held, { until, ended });
  };
  return {
    all,
    take,
    release,
    /** What a call says of a descriptor's addresses counts from the beginning; other addresses are another socket. */
    see: (owner: TracedProcess, descriptor: TcpDescriptor, t: number) => {
      const known = owner.open.get(descriptor.fd);
      if (!known) return take(owner, descriptor, t, 'unknown', false);
      const { held } = known;
      if (held.remote && descriptor.remote && !isSameEndpoint(held.remote, descriptor.remote))
        return take(owner, descriptor, t, held.how, known.closesOnExec);
      if (descriptor.local) held.local = descriptor.local;
      if (descriptor.remote) held.remote = descriptor.remote;
    },
    /**
     * strace goes on showing a socket that was bound first as it was before it connected: what it connected to is learned
     * from the call. With AF_UNSPEC it is connected to nothing any more (connect(2)).
     */
    connect: ({ open }: TracedProcess, { fd, local }: TcpDescriptor, remote: Endpoint | undefined) => {
      const held = open.get(fd)?.held;
      if (held && !remote) delete held.remote;
      else if (held && local && remote) held.remote = remote;
    },
    /** Whether what strace shows of a descriptor is from before it connected. */
    isStale: ({ open }: TracedProcess, { fd, local, remote }: TcpDescriptor): boolean =>
      local !== undefined && !remote && open.get(fd)?.held.remote !== undefined,
    /** The addresses of such a one, where it was bound to one of its host; else its own is not known. */
    connected: ({ open }: TracedProcess, { fd, local }: TcpDescriptor): { local?: Endpoint; remote?: Endpoint } => {
      const remote = open.get(fd)?.held.remote;
      return !local || !remote || isUnspecified(local) || local.port === 0 ? {} : { local, remote };
    },
    /** The sockets that another program executed by the process has no more. */
    closingOnExec: ({ open }: TracedProcess): TcpDescriptor[] =>
      [...open.values()].flatMap(({ held, closesOnExec }) => (closesOnExec ? [descriptorOf(held)] : [])),
    /** The sockets a process has at these numbers. */
    within: ({ open }: TracedProcess, first: number, last = first): TcpDescriptor[] =>
      [...open.values()].flatMap(({ held }) => (held.fd >= first && held.fd <= last ? [descriptorOf(held)] : [])),
    /** Whether another process had the socket before. */
    isInherited: ({ open }: TracedProcess, { fd }: TcpDescriptor): boolean =>
      /^(received|fork)$/.test(open.get(fd)?.held.how ?? ''),
    setCloseOnExec: ({ open }: TracedProcess, fd: number, closesOnExec: boolean) => {
      const known = open.get(fd);
      if (known) known.closesOnExec = closesOnExec;
    },
    fork: (parent: TracedProcess, child: TracedProcess, t: number) => {
      for (const { held, closesOnExec } of parent.open.values())
        take(child, descriptorOf(held), t, 'fork', closesOnExec);
    },
    exec: (owner: TracedProcess, t: number) => {
      for (const [fd, { closesOnExec }] of owner.open) if (closesOnExec) release(owner, fd, t, 'exec');
    },
    exit: (owner: TracedProcess, t: number) => {
      if (owner.sharesTable) return;
      for (const fd of [...owner.open.keys()]) release(owner, fd, t, 'exit');
    },
  };
};

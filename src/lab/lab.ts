// A lab: its hosts, each with a sidecar and an agent, all on one control socket. Where the hosts live is a Place's business.
import { chmodSync, chownSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { answerCalls, type Channel, type Header, openChannel } from '../control/channel.ts';
import { goFirst } from '../process/priority.ts';
import { type HostName, perHost } from '../record/hosts.ts';
import { createAdmission, type Hello } from './admission.ts';
import { explainFailure } from './explain-failure.ts';
import { makeScratch, type Scratch } from './scratch.ts';

/** A host as its place started it. */
export type PlacedHost = {
  host: HostName;
  /** What its programs wrote to their error output, for a message when they fail. */
  words(): string;
  /** Resolves when the host is gone. */
  ended: Promise<void>;
  /** Resolves within seconds, whatever state its programs are in. */
  remove(): Promise<void>;
};

/** How a part of a lab reaches the collector. */
export type Control = {
  /** The socket. */
  path: string;
  /** The token of the part, which admits it once. */
  token(role: 'sidecar' | 'agent', host: HostName): string;
  hosts: readonly HostName[];
  /** One host is all there is to a run: it knows no other by name. */
  oneHost?: boolean;
};

/** Somewhere hosts can live. */
export type Place = {
  name: 'namespaces' | 'docker';
  /** Start its hosts, whose sidecars and agents will dial `control`. Throws LabError when this machine cannot. */
  start(control: Control): Promise<PlacedHost[]>;
  /** The folder of the lab's control socket; a new private one where a place does not say. */
  scratch?(): Scratch;
  /** How many labs it can hold at the same time, where that is limited. */
  labsAtOnce?: number;
  /** How many cores a lab that works keeps busy; 1 where a place does not say. */
  coresEach?: number;
  /**
   * Sysctls it sets by itself, with what a new network namespace has instead: they are looked at when a run starts, and
   * named in its report.
   */
  ownSysctls?: Record<string, string>;
  /** The versions of what runs there, where they are not those of this machine. */
  environment?(): Promise<{ node: string; iproute2: string; tcpdump: string }>;
};

/** A process of a host, as it has introduced itself. */
export type ProcessHello = Extract<Hello, { role: 'process' }>;

/** What the collector does with messages; `hello` tells who sends them. */
export type Receiver = {
  /** Throws when the message is none of those such a part sends: then its connection is ended. */
  receive(hello: Hello, header: Header, bytes: Buffer): unknown;
  /** A process of a host has dialled. */
  arrived(hello: ProcessHello, channel: Channel): void;
  /** The connection of a part was ended, because what it sent was no message. */
  broken?(hello: Hello, reason: string): void;
};

export type Lab = {
  sidecar: Record<HostName, Channel>;
  agent: Record<HostName, Channel>;
  /** The token of a process that an agent is about to be asked for. */
  invite(process: Pick<ProcessHello, 'host' | 'name'>): string;
  /** A process is about to start a child that shares a descriptor. */
  inviteChild(parent: string, child: Pick<ProcessHello, 'host' | 'name'>): void;
  /** Resolves, with a sentence, when a host ends although nobody removed it. */
  lost: Promise<string>;
  remove(): Promise<void>;
};

const startTimeoutMilliseconds = 15_000;
/** A part says hello as soon as it is connected: whoever does not is none. */
const helloMilliseconds = 10_000;
export const patienceForWordsMilliseconds = 1500;

/**
 * Start a lab. Throws LabError, with the words of what failed, when a part of it does not come up, and the reason of
 * `signal` once that is aborted.
 */
export const startLab = async (
  place: Place,
  receiver: Receiver,
  { hosts: names, signal, oneHost }: { hosts: readonly HostName[]; signal?: AbortSignal; oneHost?: boolean },
): Promise<Lab> => {
  signal?.throwIfAborted();
  const scratch = (place.scratch ?? makeScratch)();
  const path = join(scratch.folder, 'control.sock');
  const parts = new Map<string, Channel>();
  const ready = Promise.withResolvers<void>();

  const admission = createAdmission();

  const arrive = (hello: Hello, channel: Channel) => {
    if (hello.role === 'process') return receiver.arrived(hello, channel);
    parts.set(`${hello.role} ${hello.host}`, channel);
    if (parts.size === 2 * names.length) ready.resolve();
  };
  const server = await answerCalls(path, (socket) => greet(socket, admission.admit, arrive, receiver));
  protect(path, scratch.group);
  let removing = false;
  const lost = Promise.withResolvers<string>();
  let hosts: PlacedHost[] = [];
  let goLast = () => {};

  const remove = async () => {
    removing = true;
    // First the channels, and with them the wire: what hosts send while they end belongs to no run.
    for (const channel of parts.values()) channel.close();
    goLast();
    await Promise.all(hosts.map((host) => host.remove()));
    server.close();
    scratch.remove();
  };
  try {
    hosts = await place.start({ path, token: (role, host) => admission.invite({ role, host }), hosts: names, oneHost });
    goLast = goFirst();
    for (const host of hosts) {
      void host.ended.then(() => {
        const sentence = `The ${host.host} host ended on its own${host.words() ? `: ${host.words()}` : '.'}`;
        if (!removing) lost.resolve(sentence);
        ready.reject(explainFailure(`The ${host.host} host ended on its own`, host.words()));
      });
    }
    const late = setTimeout(() => {
      const words = hosts.map((host) => host.words()).join(' ');
      ready.reject(explainFailure(`The lab did not come up within ${startTimeoutMilliseconds / 1000} s`, words));
    }, startTimeoutMilliseconds);
    const giveUp = () => ready.reject(signal?.reason);
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted) giveUp();
    await ready.promise.finally(() => {
      clearTimeout(late);
      signal?.removeEventListener('abort', giveUp);
    });
  } catch (error) {
    await remove();
    throw error;
  }
  for (const [name, channel] of parts) {
    void channel.closed.then(async () => {
      // The end of its host says more, and is on its way, if it was not the channel alone.
      await pause(patienceForWordsMilliseconds, undefined, { ref: false });
      if (!removing) lost.resolve(`The ${name.replace(' ', ' of the ')} ended on its own.`);
    });
  }
  const part = (role: string) => perHost((host) => parts.get(`${role} ${host}`) as Channel, names);
  const processOf = (one: Pick<ProcessHello, 'host' | 'name'>) => ({ role: 'process' as const, ...one });
  return {
    sidecar: part('sidecar'),
    agent: part('agent'),
    invite: (process) => admission.invite(processOf(process)),
    inviteChild: (parent, child) => admission.inviteChild(parent, processOf(child)),
    lost: lost.promise,
    remove,
  };
};

/** Whoever connects is a stranger until its token has been seen, and a stranger's words leave no trace. */
const greet = (
  socket: Socket,
  admit: (words: unknown) => Hello | undefined,
  arrive: (hello: Hello, channel: Channel) => void,
  receiver: Receiver,
) => {
  let caller: Hello | undefined;
  const onMessage = (header: Header, bytes: Buffer) => {
    if (caller) return receiver.receive(caller, header, bytes);
    caller = admit(header.hello);
    if (!caller) return channel.close();
    clearTimeout(silence);
    channel.trust(nameOf(caller));
    arrive(caller, channel);
  };
  const onFault = (reason: string) => caller && receiver.broken?.(caller, reason);
  const channel = openChannel(socket, onMessage, { stranger: true, onFault });
  const silence = setTimeout(channel.close, helloMilliseconds);
  void channel.closed.then(() => clearTimeout(silence));
};

/** What sentences call a part of a lab. */
export const nameOf = (hello: Hello): string =>
  `${hello.role === 'process' ? `the process ${hello.name}` : `the ${hello.role}`} of the ${hello.host}`;

/** For its owner alone; where containers are to reach it, for their group as well. */
const protect = (path: string, group?: number) => {
  if (group === undefined) return chmodSync(path, 0o600);
  chownSync(path, process.getuid?.() ?? 0, group);
  chmodSync(path, 0o660);
};

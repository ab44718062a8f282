// A lab: two hosts, each with a sidecar and an agent, all on one control socket. Where the hosts live is a Place's business.
import { chmodSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { answerCalls, type Channel, type Header, openChannel } from '../control/channel.ts';
import type { HostName } from '../timeline/schema.ts';
import { explainFailure } from './explain-failure.ts';
import { goFirst } from './priority.ts';
import { makeScratch, type Scratch } from './scratch.ts';

/** A host as its place started it. */
export type PlacedHost = {
  host: HostName;
  /** What its programs wrote to their error output, for a message when they fail. */
  words(): string;
  /** Resolves when the host is gone. */
  ended: Promise<void>;
  remove(): Promise<void>;
};

/** Somewhere hosts can live. */
export type Place = {
  name: 'namespaces' | 'docker';
  /** Start both hosts, whose sidecars and agents will dial `controlPath`. Throws LabError when this machine cannot. */
  start(controlPath: string): Promise<PlacedHost[]>;
  /** The folder of the lab's control socket; a new one below the temporary folder where a place does not say. */
  scratch?(): Scratch;
  /** How many labs it can hold at the same time, where that is limited. */
  labsAtOnce?: number;
  /** Sysctls it sets by itself, with what a new network namespace has instead: they are looked at when a run starts, and named in its report. */
  ownSysctls?: Record<string, string>;
  /** The versions of what runs there, where they are not those of this machine. */
  environment?(): Promise<{ node: string; iproute2: string; tcpdump: string }>;
};

export type Hello = {
  role: 'sidecar' | 'agent' | 'process';
  host: HostName;
  name?: string;
  pid: number;
  inherited?: string | number;
};

/** What the collector does with messages; `hello` tells who sends them. */
export type Receiver = {
  receive(hello: Hello, header: Header, bytes: Buffer): unknown;
  /** A process of a host has dialled. */
  arrived(hello: Hello, channel: Channel): void;
};

export type Lab = {
  sidecar: Record<HostName, Channel>;
  agent: Record<HostName, Channel>;
  /** Resolves, with a sentence, when a host ends although nobody removed it. */
  lost: Promise<string>;
  remove(): Promise<void>;
};

const startTimeoutMilliseconds = 15_000;
export const patienceForWordsMilliseconds = 1500;

/** Start a lab. Throws LabError, with the words of what failed, when a part of it does not come up. */
export const startLab = async (place: Place, receiver: Receiver): Promise<Lab> => {
  const scratch = (place.scratch ?? makeScratch)();
  const goLast = goFirst();
  const controlPath = join(scratch.folder, 'control.sock');
  const parts = new Map<string, Channel>();
  const ready = Promise.withResolvers<void>();

  const arrive = (hello: Hello, channel: Channel) => {
    if (hello.role === 'process') return receiver.arrived(hello, channel);
    parts.set(`${hello.role} ${hello.host}`, channel);
    if (parts.size === 4) ready.resolve();
  };
  const server = await answerCalls(controlPath, (socket) => greet(socket, arrive, receiver));
  chmodSync(controlPath, 0o666);
  let removing = false;
  const lost = Promise.withResolvers<string>();
  let hosts: PlacedHost[] = [];

  const remove = async () => {
    removing = true;
    // First the channels, and with them the wire: what hosts send while they end belongs to no run.
    for (const channel of parts.values()) channel.close();
    await Promise.all(hosts.map((host) => host.remove()));
    server.close();
    scratch.remove();
    goLast();
  };
  try {
    hosts = await place.start(controlPath);
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
    await ready.promise.finally(() => clearTimeout(late));
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
  const part = (role: string) => ({
    client: parts.get(`${role} client`) as Channel,
    server: parts.get(`${role} server`) as Channel,
  });
  return { sidecar: part('sidecar'), agent: part('agent'), lost: lost.promise, remove };
};

const greet = (socket: Socket, arrive: (hello: Hello, channel: Channel) => void, receiver: Receiver) => {
  let caller: Hello | undefined;
  const channel = openChannel(socket, (header, bytes) => {
    if (caller) return receiver.receive(caller, header, bytes);
    caller = header.hello as Hello;
    arrive(caller, channel);
  });
};

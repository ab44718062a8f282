// A collector for tests: takes the calls of an agent and of the processes it starts, and keeps their records.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerCalls, type Channel, type Header, openChannel } from '../control/channel.ts';
import type { Outcome } from '../control/replies.ts';
import { start } from '../process/child.ts';
import { type ApiRecord, apiRecord } from '../record/api-records.ts';
import type { SpawnRequest } from './requests.ts';
import { compileCache } from './start-command.ts';

export type TestCollector = Awaited<ReturnType<typeof startCollector>>;
export type TestProcess = Awaited<ReturnType<TestCollector['start']>>;
type Of<Type extends ApiRecord['type']> = Extract<ApiRecord, { type: Type }>;
type Arrival = { hello: Header; channel: Channel };

/** Start an agent that dials a collector in a folder of its own. */
export const startCollector = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'finwait-host-'));
  const control = join(folder, 'control.sock');
  const records: ApiRecord[] = [];
  const arrivals = new Map<string, PromiseWithResolvers<Arrival>>();
  const watchers = new Set<() => void>();

  const arrival = (name: string) => {
    const known = arrivals.get(name) ?? Promise.withResolvers<Arrival>();
    arrivals.set(name, known);
    return known;
  };
  const server = await answerCalls(control, (socket) => {
    const channel = openChannel(socket, ({ hello, record }) => {
      if (hello) arrival(nameIn(hello as Header)).resolve({ hello: hello as Header, channel });
      if (record) records.push(apiRecord.parse(record));
      for (const look of watchers) look();
    });
  });
  /** Wait until a record fits; one that came before counts. */
  const until = <Type extends ApiRecord['type']>(type: Type, fits: (record: Of<Type>) => boolean): Promise<Of<Type>> =>
    new Promise((resolve) => {
      const look = () => {
        const found = records.find((record) => record.type === type && fits(record as Of<Type>));
        if (!found) return;
        watchers.delete(look);
        resolve(found as Of<Type>);
      };
      watchers.add(look);
      look();
    });

  const agent = await startAgent(control);
  const { channel } = await arrival('agent-client').promise;
  const answerOf = async (header: Header) => (await channel.request(header)).value as Record<string, unknown>;
  const processOf = async (name: string) => {
    const arrived = await arrival(name).promise;
    arrivals.delete(name);
    return {
      name,
      hello: arrived.hello,
      pid: arrived.hello.pid as number,
      channel: arrived.channel,
      call: async (api: string, target?: string, ...args: unknown[]) =>
        (await arrived.channel.request({ do: 'call', api, target, args })).value as Outcome,
      raw: async (api: string, ...args: unknown[]) =>
        (await arrived.channel.request({ do: 'call', api, args })).value as Outcome & { value: number },
      ping: () => arrived.channel.request({ do: 'ping' }),
      /** Wait for an event of one of its objects. */
      event: (target: string, event: string) =>
        until('emit', (emit) => emit.process === name && emit.target === target && emit.name === event),
      calls: (api: string) =>
        records.filter(
          (record) => record.type === 'call' && record.process === name && record.api === api,
        ) as Of<'call'>[],
    };
  };

  return {
    records,
    until,
    agent: answerOf,
    agentProcess: agent,
    processOf,
    returnOf: ({ call }: Of<'call'>) => until('return', (record) => record.call === call),
    start: async (kind: 'node' | 'raw', name: string, more: Partial<SpawnRequest> = {}) => {
      const arrived = processOf(name);
      await answerOf({ do: 'spawn', kind, name, ...more });
      return arrived;
    },
    /** Close the channel to the agent, as a collector that dies would. */
    hangUp: () => channel.close(),
    close: async () => {
      channel.close();
      await agent.ended;
      server.close();
      await rm(folder, { recursive: true });
    },
  };
};

const nameIn = ({ name, role, host }: Header) => String(name ?? `${role}-${host}`);

const startAgent = (control: string) =>
  start(process.execPath, [join(import.meta.dirname, 'agent.ts'), '--control', control, '--host', 'client'], {
    stderr: 'inherit',
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
  });

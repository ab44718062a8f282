// A host in the hands of a script: starts processes, sets sysctls, waits for states.

import { basename } from 'node:path';
import { parsedValue, replies } from '../control/replies.ts';
import { callSite } from '../experiment/call-site.ts';
import { ownNode } from '../experiment/own-node.ts';
import { RunError } from '../experiment/run-error.ts';
import type { Host, NodeProcess, ProcessOptions, Program, RawProcess } from '../experiment/vocabulary.ts';
import { now } from '../record/clock.ts';
import type { HostName } from '../record/hosts.ts';
import { addressOf } from '../record/hosts.ts';
import { faultOfSysctlName } from '../record/sysctl-name.ts';
import type { Session } from '../session/session.ts';
import { checked } from './checks/check.ts';
import { hostWords } from './checks/host-words.ts';
import { leadLocalhost } from './localhost.ts';
import { nodeProcess } from './node-process.ts';
import { endOf, endWords } from './process.ts';
import { program } from './program.ts';
import { rawProcess } from './raw-process.ts';
import { socketsOf } from './sockets.ts';

export const hostOf = (session: Session, name: HostName): Host => {
  const { lab, recorder } = session;
  /** The ports at which 127.0.0.1 leads elsewhere. */
  const led = new Set<number>();
  const launch = async (
    kind: 'node' | 'raw' | 'command',
    options: ProcessOptions,
    more: Record<string, unknown> = {},
  ) => {
    // Of the calls a process reports itself nobody says which end they are of.
    if (session.isOneHost && kind !== 'command')
      throw new RunError(
        `With oneHost the programs are any programs: start them with spawn(), not with ${kind}().`,
        'ESCRIPT',
        callSite(),
      );
    const processName = session.nameFor(options.name ?? (kind === 'command' ? basename(String(more.command)) : name));
    const start = async () => {
      const spawned = lab.agent[name].request({
        do: 'spawn',
        name: processName,
        kind,
        limits: options.limits,
        traced: (options.calls ?? (kind === 'command' ? 'strace' : 'unseen')) === 'strace',
        ...(kind !== 'command' && { token: lab.invite({ host: name, name: processName }) }),
        ...more,
      });
      if (kind === 'command') await spawned;
      else
        await Promise.all([
          spawned,
          Promise.race([session.arrival(processName), endBeforeArrival(spawned, processName)]),
        ]);
    };
    await session.step(`${name}: start ${processName}`, start, kind !== 'command');
    return processName;
  };

  /** Rejects when a process ends before it has said hello. */
  const endBeforeArrival = async (spawned: Promise<unknown>, processName: string): Promise<never> => {
    await spawned;
    const how = endWords(await endOf(session, name, processName));
    const words = recorder.reports
      .flatMap((report) => (report.type === 'output' && report.process === processName ? [report.text] : []))
      .join('');
    throw new RunError(
      `The process ${processName} on the ${name} ended (${how}) before it could be told anything. ${words}`.trim(),
      'ELOST',
    );
  };

  /** Read or set something of the host's kernel, through its sidecar. */
  const setting = (api: 'sysctl' | 'route', what: string, value?: number | string) =>
    session.step(
      `${name}: ${api} ${what}${value === undefined ? '' : ` = ${value}`}`,
      async (step, source) => {
        const call = `${api}:${name}:${step}`;
        const args = value === undefined ? [what] : [what, value];
        recorder.api({
          type: 'call',
          t: now(),
          call,
          step,
          host: name,
          process: 'kernel',
          via: 'host',
          by: 'script',
          api,
          args,
          source,
        });
        const reply = lab.sidecar[name].request({ do: api, name: what, value });
        const { before, after } = await parsedValue(replies.change, reply);
        recorder.api({ type: 'return', t: now(), call, value: { before, after } });
        return { before, after };
      },
      true,
    );

  const methods: Host = {
    name,
    address: addressOf[name].ip,
    address6: addressOf[name].ip6,
    node: async (options = {}): Promise<NodeProcess> => nodeProcess(session, name, await launch('node', options)),
    raw: async (options = {}): Promise<RawProcess> => rawProcess(session, name, await launch('raw', options)),
    spawn: async (command, args = [], options = {}): Promise<Program> => {
      const { env, cwd, ...rest } = options;
      const which = command === ownNode ? { command: 'node', ownNode: true } : { command };
      return program(session, name, await launch('command', rest, { ...which, args, env, cwd }));
    },
    sysctl: async (sysctl, value) => {
      const fault = faultOfSysctlName(sysctl);
      if (fault) throw new RunError(fault, 'ESCRIPT', callSite());
      return (await setting('sysctl', sysctl, value)).before;
    },
    route: async (metric, value) => void (await setting('route', metric, value)),
    leadLocalhost: async (to) => {
      const ports = await leadLocalhost(session, name, to, led);
      for (const port of ports) led.add(port);
      return ports;
    },
    ...socketsOf(session, name),
  };
  return checked('host.', methods, hostWords);
};

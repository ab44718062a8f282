// A script at work: the hosts and the wire it is given, and the words that belong to neither.

import { dirname, resolve } from 'node:path';
import { callSite } from '../experiment/call-site.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { projectFolder } from '../experiment/project-folder.ts';
import { RunError } from '../experiment/run-error.ts';
import type { Host, Script, StageOptions } from '../experiment/vocabulary.ts';
import { now } from '../record/clock.ts';
import { type HostName, hostsIn, perHost } from '../record/hosts.ts';
import type { Plan } from '../recording/schema.ts';
import type { Session } from '../session/session.ts';
import { checked } from './checks/check.ts';
import { scriptWords } from './checks/script-words.ts';
import { hostOf } from './host.ts';
import { giveIpv6Addresses } from './ipv6.ts';
import { lackOf } from './needs.ts';
import { undisturbed } from './undisturbed.ts';
import { wireControl } from './wire-control.ts';

type Part<T> = () => Promise<T>;

/** Plays a script of packetdrill, a file, with calls in processes on this host. */
export type PlayPacketdrill = (session: Session, host: Host, path: string) => Promise<void>;

/**
 * Let an experiment's script run: resolves when it has come to its end, all its steps are done, and the wire is quiet. On a
 * machine that lacks what it needs nothing is played, and that is recorded.
 */
export const play = async (
  session: Session,
  definition: Experiment,
  plan: Plan,
  packetdrill: PlayPacketdrill,
): Promise<void> => {
  const lack = await session.orAbort(lackOf(session, definition.needs ?? [], plan.place));
  if (lack !== undefined) return session.recorder.api({ type: 'stage', t: now(), edge: 'lacks', text: lack });
  const hosts = perHost((host) => hostOf(session, host), hostsIn(session.lab.sidecar));
  if (definition.ipv6) await giveIpv6Addresses(session);
  if (definition.retransmitAfterSeconds !== undefined)
    await Promise.all(
      Object.values(hosts).flatMap((host) => [
        host.route('rto_min', `${definition.retransmitAfterSeconds}s`),
        host.sysctl('net.ipv4.tcp_early_retrans', 0),
      ]),
    );
  for (const { host, name, value } of plan.sysctls) await hosts[host].sysctl(name, value);
  const stages = new Set<string>();
  const words: Omit<Script, HostName | 'wire' | 'pace'> = {
    stage: async <T>(name: string, first: StageOptions | Part<T>, second?: Part<T>): Promise<T> => {
      const part = typeof first === 'function' ? first : second;
      const isUndisturbed = typeof first === 'object' && first.undisturbed;
      if (!part) throw new RunError(`The stage '${name}' has no script.`, 'ESCRIPT');
      if (stages.has(name))
        throw new RunError(`The stage '${name}' was begun twice: names of stages are unique in a run.`, 'ESCRIPT');
      stages.add(name);
      session.recorder.api({ type: 'stage', t: now(), edge: 'begin', text: name });
      await session.wire.sampleAll(`begin of stage ${name}`);
      const given = await (isUndisturbed ? undisturbed(session, part) : part());
      await session.settle();
      await session.orAbort(session.wire.sampleAll(`end of stage ${name}`));
      session.recorder.api({ type: 'stage', t: now(), edge: 'end', text: name });
      return given;
    },
    packetdrill: (file) => packetdrill(session, hosts.server, resolve(projectFolder, dirname(plan.file), file)),
    note: (text) => session.recorder.api({ type: 'stage', t: now(), edge: 'note', text }),
    observe: async (milliseconds, { everyMs = 100, until } = {}) => {
      const end = now() + milliseconds * 1e6;
      let isOver = false;
      const over = until?.finally(() => {
        isOver = true;
      });
      over?.catch(() => {}); // it is heard of where it is waited for
      while (!isOver && now() < end) {
        const passed = new Promise((resolve) => setTimeout(resolve, Math.min(everyMs, (end - now()) / 1e6)));
        await session.wait(over ? Promise.race([passed, over]) : passed);
        await session.orAbort(session.wire.sampleAll('observe'));
      }
      return !isOver;
    },
  };
  const script: Script = {
    ...hosts,
    get proxy() {
      if (!definition.proxy)
        throw new RunError('This lab has no proxy: give the experiment `proxy: true`.', 'ESCRIPT', callSite());
      return hosts.proxy;
    },
    wire: wireControl(session),
    pace: plan.pace,
    ...checked('', words, scriptWords),
  };
  // It may wait for something of its own that never comes.
  await session.orAbort(definition.run(script));
  await session.finishSteps();
  await session.settle();
};

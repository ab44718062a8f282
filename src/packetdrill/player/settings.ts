// The sysctls a script sets on the server, whose kernel it tests.

import { parsedValue, replies } from '../../control/replies.ts';
import { now } from '../../record/clock.ts';
import type { Source } from '../../record/source.ts';
import { messageOf } from '../../record/thrown.ts';
import type { Session } from '../../session/session.ts';
import { notSet } from '../judge/settings-note.ts';
import type { Setting } from '../notation/commands.ts';
import type { Problem } from './peer.ts';

/** `settings`: sysctls as they were before the script set them. */
type Changing = { session: Session; settings: Map<string, string> };
type Context = { step: number; source: Source };

/** Set sysctls of the server. Gives the first that cannot be set. */
export const apply = async (player: Changing, wanted: Setting[], context: Context): Promise<Problem | undefined> => {
  for (const setting of wanted) {
    const all = 'restore' in setting ? [...player.settings].map(([name, value]) => ({ name, value })) : [setting];
    for (const one of all) {
      const problem = await set(player, one, context);
      if (problem) return problem;
    }
  }
  return undefined;
};

/** Set one. One that has the value already leaves no trace, one that is optional and cannot be set a note. */
const set = async (
  player: Changing,
  { name, value, optional }: { name: string; value: string; optional?: true },
  { step, source }: Context,
) => {
  const { session, settings } = player;
  const { recorder } = session;
  const sidecar = session.lab.sidecar.server;
  try {
    const { before } = await parsedValue(replies.change, sidecar.request({ do: 'sysctl', name }));
    if (before === value) return undefined;
    const id = `sysctl:script:${++sysctls}`;
    recorder.api({
      type: 'call',
      t: now(),
      call: id,
      step,
      host: 'server',
      process: 'kernel',
      via: 'host',
      by: 'script',
      api: 'sysctl',
      args: [name, value],
      source,
    });
    const changed = await parsedValue(replies.change, sidecar.request({ do: 'sysctl', name, value }));
    recorder.api({
      type: 'return',
      t: now(),
      call: id,
      value: { before: changed.before, after: changed.after },
    });
    if (!settings.has(name)) settings.set(name, before);
    return undefined;
  } catch (error) {
    const message = messageOf(error);
    if (!optional) return { actual: `${name} cannot be set: ${message}` };
    recorder.api({
      type: 'stage',
      t: now(),
      edge: 'note',
      text: `${notSet}${name}=${value} (${message.replace(/\.$/, '')})`,
    });
    return undefined;
  }
};
let sysctls = 0;

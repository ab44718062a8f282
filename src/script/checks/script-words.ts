// The words of a script that belong to neither host nor wire, and what their arguments must be. The types say the same
// (src/experiment/vocabulary/), but Node strips them unread.
import type { ObserveOptions, Script, StageOptions } from '../../experiment/vocabulary.ts';
import type { HostName } from '../../record/hosts.ts';
import { may, need, type Words, word } from './check.ts';
import * as kinds from './kinds.ts';

const { boolean, milliseconds, name, text } = kinds;

const stageOptions = need('options', kinds.options<StageOptions>({ undisturbed: boolean.optional() }));

export const scriptWords: Words<Omit<Script, HostName | 'wire' | 'pace'>> = {
  stage: {
    parameters: [need('name', name), stageOptions, need('script', kinds.action)],
    shorter: ([, second]) =>
      typeof second === 'object' ? undefined : [need('name', name), need('script', kinds.action)],
  },
  note: word(need('text', text)),
  packetdrill: word(need('file', name)),
  observe: word(
    need('milliseconds', milliseconds),
    may(
      'options',
      kinds.options<ObserveOptions>({ everyMs: kinds.interval.optional(), until: kinds.promise.optional() }),
    ),
  ),
};

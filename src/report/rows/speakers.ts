// Which process an event is of, where that is not the one that was heard last on its host.
import { perHost } from '../../record/hosts.ts';
import type { Moment } from '../words/moments.ts';

/**
 * The events at which another process than before begins to speak, with its name, in the order in which they are shown.
 * The first one of a host goes without saying.
 */
export const newSpeakers = (moments: readonly Moment[]): Map<string, string> => {
  const speaker = perHost((host): string => host);
  return new Map(
    moments.flatMap(({ event, part }) => {
      if (part === 'done' || !('process' in event) || (event.kind === 'call' && event.via === 'host')) return [];
      const isSame = event.process === speaker[event.host];
      speaker[event.host] = event.process;
      return isSame ? [] : [[event.id, event.process] as const];
    }),
  );
};

// What an experiment needs and a machine may lack: programs that each host looks for on the user's PATH.
import { parsedValue, replies } from '../control/replies.ts';
import type { Plan } from '../recording/schema.ts';
import type { Session } from '../session/session.ts';

/** A sentence, without its end, where a host of the lab lacks some of these programs. */
export const lackOf = async (
  { lab }: Session,
  needs: readonly string[],
  place: Plan['place'],
): Promise<string | undefined> => {
  const isMissing = async (command: string): Promise<boolean> => {
    const asked = Object.values(lab.agent).map((agent) =>
      parsedValue(replies.which, agent.request({ do: 'which', command })),
    );
    return (await Promise.all(asked)).some(({ path }) => path === undefined);
  };
  const areMissing = await Promise.all(needs.map(isMissing));
  const missing = needs.filter((_, nth) => areMissing[nth]);
  return missing.length > 0 ? sentence(missing, place) : undefined;
};

const sentence = (programs: string[], place: Plan['place']): string => {
  const what = `${programs.join(' and ')} ${programs.length > 1 ? 'are' : 'is'} not`;
  if (place === 'docker') return `${what} in the image of the containers`;
  const names = [...new Set(programs.flatMap((program) => setUp[program] ?? []))];
  const remedy = names.length > 0 ? `: npm run setup -- --with ${names.join(',')}` : '';
  return `${what} on this machine${remedy}`;
};

/** What set-up calls that which brings a program. */
const setUp: Record<string, string> = { java: 'java', javac: 'java', go: 'go' };

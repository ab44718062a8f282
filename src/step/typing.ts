// The name of the state to run to, as it is typed.
import { targetWords } from './goal.ts';
import type { Key } from './keys.ts';
import type { StepView } from './screen/view.ts';
import { type Target, targetsOf } from './target.ts';

/** `choose` is given the state once it is whole and the only one; `say` what is wrong with it, or nothing. */
export const takeTyping = ({ choose, say }: { choose(target: Target): void; say(words: string | undefined): void }) => {
  let typed: string | undefined;

  const enter = (text: string) => {
    const [target, another] = targetsOf(text);
    if (!target) return say(`'${text}' is no TCP state.`);
    if (another) return say('That may be several states: type more of it.');
    typed = undefined;
    choose(target);
  };

  return {
    begin: () => {
      typed = '';
    },
    isUnderWay: () => typed !== undefined,
    press: (key: Key) => {
      const text = typed ?? '';
      say(undefined);
      if (typeof key === 'object') typed = text + key.character;
      else if (key === 'backspace') typed = text.slice(0, -1);
      else if (key === 'escape') typed = undefined;
      else if (key === 'enter') enter(text);
    },
    view: (): StepView['typed'] =>
      typed === undefined ? undefined : { text: typed, states: targetsOf(typed).map(targetWords) },
  };
};

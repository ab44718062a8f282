// What the script asks of the wire: rules over decoded segments, and cuts. The first rule that fits a segment decides its fate.
import type { HostName } from '../record/hosts.ts';
import type { Frame } from './frames.ts';
import type { Context, Operate } from './operations.ts';
import type { WireSegment } from './segment.ts';

export type Fate = 'drop' | 'hold' | 'duplicate' | 'delay';

export type Rule = {
  /** The operation that made it, by its number. */
  operation: number;
  fate: Fate;
  matches(segment: WireSegment): boolean;
  /** To how many more segments it applies. */
  left: number;
  milliseconds?: number;
};

/** From its operation on nothing passes, or nothing that one host sends. */
export type Cut = { operation: number; from?: HostName };

type Description = Record<string, unknown>;

export type Rules = {
  addRule(context: Context, name: string, description: Description, rule: Omit<Rule, 'operation'>): Rule;
  /** Take rules away. */
  removeRules(context: Context, name: string, description: Description, which: (rule: Rule) => boolean): void;
  /** From now on nothing passes, or nothing that one host sends; see `cutFor`. */
  cut(context: Context, from?: HostName): void;
  /** Undo every cut. */
  restore(context: Context): void;
  /**
   * A cut is no rule among others: while there is one, nothing passes, whatever it is, wherever it waited and whoever
   * put it on the wire.
   */
  cutFor(frame: Frame): Cut | undefined;
  /** The rule that applies to a frame. */
  ruleFor(frame: Frame): Rule | undefined;
};

export const createRules = (operate: Operate): Rules => {
  let rules: Rule[] = [];
  let cuts: Cut[] = [];
  // A condition may count the segments it is asked about: it is asked about each once, as long as the rules stay as they are.
  let found = new WeakMap<Frame, Rule | 'none'>();
  const change = (changed: Rule[]) => {
    rules = changed;
    found = new WeakMap();
  };
  const find = (frame: Frame): Rule | undefined => {
    const { segment, delayed } = frame;
    const known = found.get(frame);
    if (known === 'none') return undefined;
    if (known && known.left > 0) return known;
    const rule =
      segment &&
      rules.find(({ fate, left, matches }) => left > 0 && !(delayed && fate === 'delay') && matches(segment));
    found.set(frame, rule ?? 'none');
    return rule;
  };
  return {
    addRule: (context, name, description, rule) => {
      const added = { ...rule, operation: operate(name, description, context) };
      change([...rules, added]);
      return added;
    },
    removeRules: (context, name, description, which) => {
      operate(name, description, context);
      change(rules.filter((rule) => !which(rule)));
    },
    cut: (context, from) => {
      cuts.push({ operation: operate('cut', from ? { from } : {}, context), ...(from && { from }) });
    },
    restore: (context) => {
      operate('restore', {}, context);
      cuts = [];
    },
    cutFor: ({ from }) => cuts.find((cut) => cut.from === undefined || cut.from === from),
    ruleFor: (frame) => (frame.segment && !frame.made ? find(frame) : undefined),
  };
};

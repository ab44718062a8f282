// The verdict as one sentence in plain words, made of the cases' own names and of nothing else. A claim or limit is
// named by the condition that follows "true" or "not"; a contrast or control by a sentence.
import type { CaseResult, Verdict } from './schema.ts';

/** `True, but not when data is unread.` The cases come with those that decided first (`decidingFirst`). */
export const answerOf = (verdict: Verdict, cases: readonly CaseResult[]): string => {
  const named = (role: CaseResult['role'], outcome: CaseResult['outcome']) =>
    cases.filter((one) => one.role === role && one.outcome === outcome).map(({ name }) => name);
  const said = sentences[verdict](named, cases);
  const isOpen = verdict === 'inconclusive' || verdict === 'not-applicable';
  return `${said}${isOpen ? '' : open(named)}.`.replace(/(?<=[.…])\.$/, '');
};

type Named = (role: CaseResult['role'], outcome: CaseResult['outcome']) => string[];

const sentences: Record<Verdict, (named: Named, cases: readonly CaseResult[]) => string> = {
  reproduced: (named) =>
    `True${part(', also ', named('limit', 'held'))}${part(', but not ', named('limit', 'failed'), 'or')}`,
  conditional: (named) =>
    `Partly: true ${conditions(named('claim', 'held'))}${part(', also ', named('limit', 'held'))}; ` +
    `not ${conditions(named('claim', 'failed'), 'or')}${part(', nor ', named('limit', 'failed'), 'or')}`,
  refuted: (named, cases) => {
    const instead = named('contrast', 'held');
    const shown =
      instead.length > 0
        ? [...new Set(instead)].join('; ')
        : brief(cases.find(({ role }) => role === 'claim')?.actual ?? '');
    return `False on this kernel${part(', except ', named('limit', 'held'))}: ${shown}`;
  },
  inconclusive: (_, cases) => {
    const [first] = cases;
    if (!first || !cases.some(({ role }) => role === 'claim')) return 'Not decided: no case claims it';
    const { role, outcome, name } = first;
    const what =
      role === 'control'
        ? `the control that ${name} ${outcome === 'failed' ? 'failed' : 'is unknown'}`
        : `unknown ${condition(name)}`;
    return `Not decided: ${what}: ${brief(first.actual)}`;
  },
  'not-applicable': (_, [first]) => `Not applicable: ${first?.actual}`,
};

/** What nobody saw changes no verdict where it is a limit or a contrast, nor does what this machine lacks, but it is said. */
const open = (named: Named): string => {
  const contrasts = named('contrast', 'unknown');
  const lacking = [...named('claim', 'not-applicable'), ...named('limit', 'not-applicable')];
  return `${part('; unknown ', named('limit', 'unknown'))}${contrasts.length > 0 ? `; unknown whether ${[...new Set(contrasts)].join('; ')}` : ''}${part('; not applicable on this machine ', lacking)}`;
};

const part = (begin: string, names: string[], last?: 'or'): string =>
  names.length > 0 ? begin + conditions(names, last) : '';
const conditions = (names: string[], last?: 'or'): string => list(names.map(condition), last);

/** A name that begins with a word of its own stands as it is; any other follows `when`. */
const condition = (name: string): string => (connectives.has(name.split(' ')[0] ?? '') ? name : `when ${name}`);

const connectives = new Set(
  'when while where once if with without for of in on at by from after before until during between under as to that for even'.split(
    ' ',
  ),
);

/** `a, b and c`; of a long list the first two, and how many more. Equal names, of several experiments, are said once. */
const list = (all: string[], last: 'and' | 'or' = 'and'): string => {
  const names = [...new Set(all)];
  const shown = names.length > 3 ? [...names.slice(0, 2), `in ${names.length - 2} more cases`] : names;
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} ${last} ${shown.at(-1)}` : (shown[0] ?? '');
};

/** What a check saw may be a long list; the sentence takes as much as one line of it. */
const brief = (words: string): string => (words.length > 140 ? `${words.slice(0, 139).trimEnd()}…` : words);

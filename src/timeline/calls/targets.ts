// What is known of the socket behind a handle of a process (`socket-2`, `fd 5`): its addresses and its connection, at any time.
// A record seldom tells all; what an earlier or later record of the same handle says counts for it as well.
import { type Endpoint, isSameEndpoint } from '../../record/endpoint.ts';
import { countAtOrBefore } from '../search.ts';

/** What one record says of a handle's addresses. */
export type Fact = { t: number; local: Endpoint; remote?: Endpoint; connection?: { number: number } };

export type TargetBook = {
  learn(process: string, target: string, fact: Fact): void;
  /** The descriptor was closed: its number may mean another socket from here on. */
  forget(process: string, target: string, t: number): void;
  /** The fact learned last, unless the descriptor was closed since. */
  latest(process: string, target: string): Fact | undefined;
  /** The latest fact learned by `t`, else the next one. Facts from beyond a close do not count. */
  recall(process: string, target: string, t: number): Fact | undefined;
};

/** Whether two facts tell the same addresses. */
export const isSamePair = (
  one: { local?: Endpoint; remote?: Endpoint } | undefined,
  other: { local?: Endpoint; remote?: Endpoint },
): boolean => isSameEndpoint(one?.local, other.local) && isSameEndpoint(one?.remote, other.remote);

/** A book with nothing in it. Everything is to be learned before anything is recalled. */
export const createTargetBook = (): TargetBook => {
  const pages = new Map<string, Page>();
  const pageOf = (process: string, target: string) => {
    const key = `${process} ${target}`;
    const page: Page = pages.get(key) ?? { facts: [], ends: [], sorted: true };
    pages.set(key, page);
    return page;
  };
  return {
    learn: (process, target, fact) => {
      const page = pageOf(process, target);
      page.facts.push(fact);
      page.latest = fact;
      page.sorted = false;
    },
    forget: (process, target, t) => {
      const page = pageOf(process, target);
      page.ends.push(t);
      page.latest = undefined;
      page.sorted = false;
    },
    latest: (process, target) => pages.get(`${process} ${target}`)?.latest,
    recall: (process, target, t) => {
      const page = pages.get(`${process} ${target}`);
      if (!page) return undefined;
      if (!page.sorted) sort(page);
      const { facts, ends } = page;
      const known = countAtOrBefore(facts, t, time);
      // A close at `t` itself still speaks of the old socket.
      const closed = countAtOrBefore(ends, t - 1, itself);
      const from = ends[closed - 1] ?? Number.NEGATIVE_INFINITY;
      const to = ends[closed] ?? Number.POSITIVE_INFINITY;
      const earlier = facts[known - 1];
      if (earlier && earlier.t > from) return earlier;
      const later = facts[known];
      return later && later.t <= to ? later : undefined;
    },
  };
};

const time = ({ t }: Fact) => t;
const itself = (t: number) => t;

type Page = { facts: Fact[]; ends: number[]; latest?: Fact | undefined; sorted: boolean };

const sort = (page: Page) => {
  page.facts.sort((a, b) => a.t - b.t);
  page.ends.sort((a, b) => a - b);
  page.sorted = true;
};

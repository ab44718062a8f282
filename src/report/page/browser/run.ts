// The run this page is about, and what is chosen of it. One selection drives every view.
import type { PageData, PageEvent, StoredSample } from '../content.ts';
import { element } from './elements.ts';

/** A sample with its rows, not with their places in the table. */
export type PageSample = Omit<StoredSample, 'rows'> & { rows: string[] };

export const run: PageData = JSON.parse(element('#run', HTMLScriptElement).text);

export const events = new Map(run.events.map((event) => [event.id, event]));
export const samples = new Map(
  run.samples.map((sample): [string, PageSample] => [
    sample.id,
    { ...sample, rows: sample.rows.map((index) => run.rows[index] ?? '') },
  ]),
);
/** What each event caused. */
export const effects = Map.groupBy(
  run.events.filter(({ cause }) => cause && 'event' in cause),
  ({ cause }) => (cause && 'event' in cause ? cause.event : ''),
);
/** Ids of the diagram's items from top to bottom. */
export const order = run.scene.items
  .filter(({ id }) => id !== '')
  .sort((a, b) => a.y[0] - b.y[0] || a.lane - b.lane)
  .map(({ id }) => id);
/** Where in the order each stands, from 1. */
export const positions = new Map(order.map((id, index) => [id, index + 1]));
export const items = new Map(run.scene.items.filter(({ id }) => id !== '').map((item) => [item.id, item]));

/** A moment, as the margin of the diagram writes it. */
export const time = (nanoseconds: number) =>
  run.scene.unit === 'ms' ? `${(nanoseconds / 1e6).toFixed(1)} ms` : `${(nanoseconds / 1e9).toFixed(3)} s`;

/** An event in one line, without its id. */
export const lineOf = (event: PageEvent) => {
  const where = event.kind === 'segment' ? `${event.from} → ${event.to} ` : 'host' in event ? `${event.host} ` : '';
  return `(${time(event.at)}) ${where}${event.words}`;
};

export const diagnosisOf = (id: string) => run.diagnoses.find((one) => one.id === id);

/** What can be chosen by a number: diagnoses, then findings. */
export const chapters = [...run.diagnoses, ...run.findings].map(({ id }) => id);

/** What a finding or a diagnosis rests on, in order of time. */
export const evidenceOf = (id: string) => {
  const finding = run.findings.find((one) => one.id === id);
  const evidence = finding?.cases.flatMap((one) => one.evidence) ?? diagnosisOf(id)?.evidence ?? [];
  return [...new Set(evidence)].sort(byTime);
};

const byTime = (a: string, b: string) => timeOf(a) - timeOf(b) || Number(a.slice(1)) - Number(b.slice(1));

const timeOf = (id: string) => events.get(id)?.at ?? samples.get(id)?.begin ?? 0;

/** Ids; empty where nothing is chosen. */
export type Chosen = { finding: string; item: string; found: string[] };

export const chosen: Chosen = { finding: '', item: '', found: [] };
const listeners: ((scroll: boolean) => void)[] = [];

export const onChoice = (listener: (scroll: boolean) => void) => void listeners.push(listener);

/** Choose something, or nothing. A finding stays chosen while its evidence is gone through. */
export const choose = (choice: Partial<Chosen>, { scroll = true }: { scroll?: boolean } = {}) => {
  Object.assign(chosen, choice);
  if (choice.item && !('finding' in choice) && chosen.finding && !evidenceOf(chosen.finding).includes(choice.item))
    chosen.finding = '';
  const hash = chosen.item || chosen.finding;
  history.replaceState(null, '', hash ? `#${hash}` : location.pathname + location.search);
  for (const listener of listeners) listener(scroll);
};

/** What the address asks for: `#e17`, `#s46`, `#A6`. */
export const chooseByAddress = () => {
  const id = decodeURIComponent(location.hash.slice(1));
  const fault = run.diagnoses.find(({ harmless }) => !harmless);
  if (chapters.includes(id)) choose({ finding: id, item: '' });
  else if (events.has(id) || samples.has(id)) choose({ item: id });
  // Whoever asks for nothing has a program that is at fault.
  else if (id === '' && fault) choose({ finding: fault.id, item: '' }, { scroll: false });
};

/** Ids that the chosen finding, or what was found, lights up; empty when nothing does. */
export const lit = () => (chosen.finding ? new Set(evidenceOf(chosen.finding)) : new Set(chosen.found));

// The run this page is about, and what is chosen of it. One selection drives every view.
/** @import { PageData, PageEvent } from '../page-data.ts' */
/** @import { StoredSample } from '../page-samples.ts' */

/** @typedef {Omit<StoredSample, 'rows'> & { rows: string[] }} PageSample */

/** @type {PageData} */
export const run = JSON.parse(/** @type {HTMLElement} */ (document.getElementById('run')).textContent ?? '');

/** @type {Map<string, PageEvent>} */
export const events = new Map(run.events.map((event) => [event.id, event]));
/** @type {Map<string, PageSample>} */
export const samples = new Map(
  run.samples.map((sample) => [sample.id, { ...sample, rows: sample.rows.map((index) => run.rows[index] ?? '') }]),
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

/**
 * A moment, as the margin of the diagram writes it.
 * @param {number} nanoseconds
 */
export const time = (nanoseconds) =>
  run.scene.unit === 'ms' ? `${(nanoseconds / 1e6).toFixed(1)} ms` : `${(nanoseconds / 1e9).toFixed(3)} s`;

/**
 * An event in one line, without its id.
 * @param {PageEvent} event
 */
export const lineOf = (event) => {
  const where = event.kind === 'segment' ? `${event.from} → ${event.to} ` : 'host' in event ? `${event.host} ` : '';
  return `(${time(event.at)}) ${where}${event.words}`;
};

/** @param {string} id */
export const evidenceOf = (id) => {
  const finding = run.findings.find((one) => one.id === id);
  return finding ? [...new Set(finding.cases.flatMap(({ evidence }) => evidence))].sort(byTime) : [];
};

/**
 * @param {string} a
 * @param {string} b
 */
const byTime = (a, b) => timeOf(a) - timeOf(b) || Number(a.slice(1)) - Number(b.slice(1));

/** @param {string} id */
const timeOf = (id) => events.get(id)?.at ?? samples.get(id)?.begin ?? 0;

/** @typedef {{ finding: string, item: string, found: string[] }} Chosen */
/** @type {Chosen} */
export const chosen = { finding: '', item: '', found: [] };
/** @type {((scroll: boolean) => void)[]} */
const listeners = [];

/** @param {(scroll: boolean) => void} listener */
export const onChoice = (listener) => void listeners.push(listener);

/**
 * Choose something, or nothing. A finding stays chosen while its evidence is gone through.
 * @param {Partial<Chosen>} choice
 * @param {{ scroll?: boolean }} [how]
 */
export const choose = (choice, { scroll = true } = {}) => {
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
  if (run.findings.some((finding) => finding.id === id)) choose({ finding: id, item: '' });
  else if (events.has(id) || samples.has(id)) choose({ item: id });
};

/** Ids that the chosen finding, or what was found, lights up; empty when nothing does. */
export const lit = () => (chosen.finding ? new Set(evidenceOf(chosen.finding)) : new Set(chosen.found));

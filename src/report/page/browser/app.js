// Wires the page of a run: findings, diagram, views, keys, address.
import { currentScale, openCanvas, setScale } from './canvas.js';
import { detailsHtml } from './details.js';
import { watchFields } from './frame.js';
import { choose, chooseByAddress, chosen, events, evidenceOf, items, lineOf, onChoice, order, run } from './run.js';
import { sourceHtml } from './source.js';
import { openTheme, toggleTheme } from './theme.js';

const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const all = (/** @type {string} */ selector) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);
const find = /** @type {HTMLInputElement} */ (element('find'));
const help = /** @type {HTMLDialogElement} */ (element('help'));

const showFindings = () => {
  for (const one of all('.finding')) {
    const isChosen = one.dataset.finding === chosen.finding;
    one.classList.toggle('is-chosen', isChosen);
    one.querySelector('.choose')?.setAttribute('aria-expanded', String(isChosen));
    const cases = /** @type {HTMLElement} */ (one.querySelector('.cases'));
    cases.hidden = !isChosen;
    if (isChosen) one.scrollIntoView({ block: 'nearest' });
  }
  for (const one of all('a.chip[href]'))
    one.classList.toggle('is-chosen', one.getAttribute('href') === `#${chosen.item}`);
};

const showViews = () => {
  element('details').innerHTML = detailsHtml();
  element('details').scrollTop = 0;
  element('source').innerHTML = sourceHtml();
  element('source').querySelector('.current')?.scrollIntoView({ block: 'nearest' });
  for (const way of all('.way'))
    way.classList.toggle('chosen', chosen.item !== '' && (way.dataset.events ?? '').split(' ').includes(chosen.item));
};

const showStatus = () => {
  document.body.classList.toggle('has-choice', Boolean(chosen.item || chosen.finding));
  const count = chosen.found.length;
  const evidence = chosen.finding ? evidenceOf(chosen.finding) : [];
  const at = evidence.indexOf(chosen.item);
  element('status').textContent = chosen.finding
    ? `${evidence.length} events are the evidence of ${chosen.finding}${at >= 0 ? `; this is number ${at + 1}` : ''}`
    : find.value
      ? `${count} of ${order.length} match`
      : `${order.length} events`;
};

/** @param {1 | -1} step */
const move = (step) => {
  const path = chosen.finding ? evidenceOf(chosen.finding) : chosen.found.length > 0 ? chosen.found : order;
  const at = path.indexOf(chosen.item);
  const next = path[at === -1 ? (step === 1 ? 0 : path.length - 1) : Math.max(0, Math.min(path.length - 1, at + step))];
  if (next) choose({ item: next });
};

/** @param {string} id */
const toggleFinding = (id) =>
  choose(chosen.finding === id && !chosen.item ? { finding: '', item: '' } : { finding: id, item: '', found: [] });

/** @param {string} id */
const textOf = (id) => {
  const event = events.get(id);
  return `${id} ${event ? lineOf(event) : ''} ${items.get(id)?.note ?? ''}`.toLowerCase();
};

const search = () => {
  const words = find.value.toLowerCase().trim();
  const found = words === '' ? [] : order.filter((id) => textOf(id).includes(words));
  choose({ found, finding: '', item: '' }, { scroll: false });
  if (found[0]) choose({ item: found[0] });
  find.focus();
};

/** @param {string} id */
const openTab = (id) => {
  document.body.classList.toggle('wide-side', id === 'states');
  for (const tab of all('[role=tab]')) {
    const isOpen = tab.id === `tab-${id}`;
    tab.setAttribute('aria-selected', String(isOpen));
    tab.tabIndex = isOpen ? 0 : -1;
    element(tab.getAttribute('aria-controls') ?? '').hidden = !isOpen;
  }
};

const clear = () => {
  find.value = '';
  choose({ finding: '', item: '', found: [] });
};

const toggleScale = () => {
  const next = currentScale() === 0 ? 1 : 0;
  /** @type {HTMLInputElement} */ (document.querySelector(`[name=scale][value="${next}"]`)).checked = true;
  setScale(next);
};

const goToCause = () => {
  const cause = events.get(chosen.item)?.cause;
  if (cause && 'event' in cause) choose({ item: cause.event });
};

/** @type {Record<string, () => void>} */
const keys = {
  j: () => move(1),
  k: () => move(-1),
  c: goToCause,
  t: toggleScale,
  d: toggleTheme,
  '/': () => find.focus(),
  '?': () => help.showModal(),
  Escape: clear,
};

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const target = /** @type {HTMLElement} */ (event.target);
  if (target === find) {
    if (event.key === 'Enter') move(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') {
      clear();
      find.blur();
    }
    return;
  }
  if (target.getAttribute('role') === 'tab' && (event.key === 'ArrowRight' || event.key === 'ArrowLeft')) {
    const tabs = all('[role=tab]');
    const next = tabs[(tabs.indexOf(target) + (event.key === 'ArrowRight' ? 1 : tabs.length - 1)) % tabs.length];
    openTab(next?.id.slice(4) ?? 'details');
    next?.focus();
    return;
  }
  const isList = target.id === 'canvas';
  const action =
    keys[event.key] ??
    (isList && event.key === 'ArrowDown' ? keys.j : isList && event.key === 'ArrowUp' ? keys.k : undefined);
  const finding = /^[1-9]$/.test(event.key) ? run.findings[Number(event.key) - 1] : undefined;
  if (finding) toggleFinding(finding.id);
  else if (action) action();
  else return;
  event.preventDefault();
});

document.addEventListener('click', (event) => {
  const target = /** @type {Element} */ (event.target);
  const link = target.closest('a[href^="#"]');
  const item = /** @type {HTMLElement | null} */ (target.closest('#canvas [data-id]'));
  const way = /** @type {HTMLElement | null} */ (target.closest('.way[data-events]'));
  const button = /** @type {HTMLElement | null} */ (target.closest('.choose'));
  if (link) {
    event.preventDefault();
    choose({ item: link.getAttribute('href')?.slice(1) ?? '' });
  } else if (item) choose({ item: item.dataset.id ?? '' }, { scroll: false });
  else if (way) {
    const path = (way.dataset.events ?? '').split(' ');
    choose({ item: path[(path.indexOf(chosen.item) + 1) % path.length] ?? '' });
  } else if (button) toggleFinding(/** @type {HTMLElement} */ (button.closest('.finding')).dataset.finding ?? '');
  else if (target.closest('#pane') && !getSelection()?.toString()) clear();
});

for (const tab of all('[role=tab]')) tab.addEventListener('click', () => openTab(tab.id.slice(4)));
for (const radio of all('[name=scale]'))
  radio.addEventListener('change', () => setScale(/** @type {HTMLInputElement} */ (radio).value === '1' ? 1 : 0));
element('theme').addEventListener('click', toggleTheme);
element('help-open').addEventListener('click', () => help.showModal());
find.addEventListener('input', search);
addEventListener('hashchange', chooseByAddress);
watchFields(element('details'));
onChoice(showFindings);
onChoice(showViews);
onChoice(showStatus);
const omitted = element('omitted');
omitted.hidden = run.omitted.length === 0;
omitted.textContent = `Left out of this page: ${run.omitted.join('; ')}.`;

openTheme();
openCanvas();
for (const show of [showViews, showStatus]) show();
chooseByAddress();

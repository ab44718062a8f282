// Wires the page of a run: findings, diagram, views, keys, address.
import { currentScale, openCanvas, setScale } from './canvas.ts';
import { detailsHtml } from './details.ts';
import { closest, element, elements } from './elements.ts';
import { watchFields } from './frame.ts';
import {
  chapters,
  choose,
  chooseByAddress,
  chosen,
  events,
  evidenceOf,
  items,
  lineOf,
  onChoice,
  order,
  run,
} from './run.ts';
import { sourceHtml } from './source.ts';
import { openTheme, toggleTheme } from './theme.ts';

const details = element('#details', HTMLElement);
const source = element('#source', HTMLElement);
const find = element('#find', HTMLInputElement);
const help = element('#help', HTMLDialogElement);
const tabs = elements('[role=tab]', HTMLElement);
const scales = elements('[name=scale]', HTMLInputElement);

const showFindings = () => {
  for (const one of elements('.finding', HTMLElement)) {
    const isChosen = one.dataset.finding === chosen.finding;
    one.classList.toggle('is-chosen', isChosen);
    one.querySelector('.choose')?.setAttribute('aria-expanded', String(isChosen));
    for (const cases of elements('.cases', HTMLElement, one)) cases.hidden = !isChosen;
    if (isChosen) one.scrollIntoView({ block: 'nearest' });
  }
  for (const one of elements('a.chip[href]', HTMLElement))
    one.classList.toggle('is-chosen', one.getAttribute('href') === `#${chosen.item}`);
};

const showViews = () => {
  details.innerHTML = detailsHtml();
  details.scrollTop = 0;
  source.innerHTML = sourceHtml();
  source.querySelector('.current')?.scrollIntoView({ block: 'nearest' });
  for (const way of elements('.way', SVGElement))
    way.classList.toggle('chosen', chosen.item !== '' && (way.dataset.events ?? '').split(' ').includes(chosen.item));
};

const showStatus = () => {
  document.body.classList.toggle('has-choice', Boolean(chosen.item || chosen.finding));
  const count = chosen.found.length;
  const evidence = chosen.finding ? evidenceOf(chosen.finding) : [];
  const at = evidence.indexOf(chosen.item);
  element('#status', HTMLElement).textContent = chosen.finding
    ? `${evidence.length} events are the evidence of ${chosen.finding}${at >= 0 ? `; this is number ${at + 1}` : ''}`
    : find.value
      ? `${count} of ${order.length} match`
      : `${order.length} events`;
};

const move = (step: 1 | -1) => {
  const path = chosen.finding ? evidenceOf(chosen.finding) : chosen.found.length > 0 ? chosen.found : order;
  const at = path.indexOf(chosen.item);
  const next = path[at === -1 ? (step === 1 ? 0 : path.length - 1) : Math.max(0, Math.min(path.length - 1, at + step))];
  if (next) choose({ item: next });
};

const toggleFinding = (id: string) =>
  choose(chosen.finding === id && !chosen.item ? { finding: '', item: '' } : { finding: id, item: '', found: [] });

const textOf = (id: string) => {
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

const openTab = (id: string) => {
  document.body.classList.toggle('wide-side', id === 'states');
  for (const tab of tabs) {
    const isOpen = tab.id === `tab-${id}`;
    tab.setAttribute('aria-selected', String(isOpen));
    tab.tabIndex = isOpen ? 0 : -1;
    element(`#${tab.getAttribute('aria-controls')}`, HTMLElement).hidden = !isOpen;
  }
};

const clear = () => {
  find.value = '';
  choose({ finding: '', item: '', found: [] });
};

const toggleScale = () => {
  const next = currentScale() === 0 ? 1 : 0;
  for (const radio of scales) radio.checked = radio.value === String(next);
  setScale(next);
};

const goToCause = () => {
  const cause = events.get(chosen.item)?.cause;
  if (cause && 'event' in cause) choose({ item: cause.event });
};

const keys: Record<string, () => void> = {
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
  if (event.target === find) {
    if (event.key === 'Enter') move(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') {
      clear();
      find.blur();
    }
    return;
  }
  const tab = closest(event.target, '[role=tab]', HTMLElement);
  if (tab && (event.key === 'ArrowRight' || event.key === 'ArrowLeft')) {
    const next = tabs[(tabs.indexOf(tab) + (event.key === 'ArrowRight' ? 1 : tabs.length - 1)) % tabs.length];
    openTab(next?.id.slice(4) ?? 'details');
    next?.focus();
    return;
  }
  const isList = event.target === element('#canvas', HTMLElement);
  const action =
    keys[event.key] ??
    (isList && event.key === 'ArrowDown' ? keys.j : isList && event.key === 'ArrowUp' ? keys.k : undefined);
  const chapter = /^[1-9]$/.test(event.key) ? chapters[Number(event.key) - 1] : undefined;
  if (chapter) toggleFinding(chapter);
  else if (action) action();
  else return;
  event.preventDefault();
});

document.addEventListener('click', (event) => {
  const { target } = event;
  const link = closest(target, 'a[href^="#"]', HTMLElement);
  const item = closest(target, '#canvas [data-id]', SVGElement);
  const way = closest(target, '.way[data-events]', SVGElement);
  const button = closest(target, '.choose', HTMLElement);
  if (link) {
    event.preventDefault();
    choose({ item: link.getAttribute('href')?.slice(1) ?? '' });
  } else if (item) choose({ item: item.dataset.id ?? '' }, { scroll: false });
  else if (way) {
    const path = (way.dataset.events ?? '').split(' ');
    choose({ item: path[(path.indexOf(chosen.item) + 1) % path.length] ?? '' });
  } else if (button) toggleFinding(closest(button, '.finding', HTMLElement)?.dataset.finding ?? '');
  else if (closest(target, '#pane', HTMLElement) && !getSelection()?.toString()) clear();
});

for (const tab of tabs) tab.addEventListener('click', () => openTab(tab.id.slice(4)));
for (const radio of scales) radio.addEventListener('change', () => setScale(radio.value === '1' ? 1 : 0));
element('#theme', HTMLElement).addEventListener('click', toggleTheme);
element('#help-open', HTMLElement).addEventListener('click', () => help.showModal());
find.addEventListener('input', search);
addEventListener('hashchange', chooseByAddress);
watchFields(details);
onChoice(showFindings);
onChoice(showViews);
onChoice(showStatus);
const omitted = element('#omitted', HTMLElement);
omitted.hidden = run.omitted.length === 0;
omitted.textContent = `Left out of this page: ${run.omitted.join('; ')}.`;

openTheme();
openCanvas();
for (const show of [showViews, showStatus]) show();
chooseByAddress();

// Wires the page over all runs: filters, kept in the address so that a choice can be sent to somebody.
import { openTheme, toggleTheme } from './theme.js';

const form = /** @type {HTMLFormElement} */ (document.getElementById('filters'));
const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('#rows tr')]);
const shown = document.getElementById('shown');
const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

const filter = () => {
  const chosen = ['article', 'verdict', 'topic'].map((name) => ({ name, value: field(name).value }));
  const words = field('text').value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const row of rows) {
    const text = (row.textContent ?? '').toLowerCase();
    const isShown =
      chosen.every(({ name, value }) => value === '' || row.dataset[name] === value) &&
      words.every((word) => text.includes(word));
    row.hidden = !isShown;
    if (isShown) count++;
  }
  if (shown) shown.textContent = `${count} of ${rows.length}`;
  const kept = new URLSearchParams(
    [...chosen.map(({ name, value }) => [name, value]), ['text', field('text').value]].filter(([, value]) => value),
  );
  history.replaceState(null, '', kept.size > 0 ? `#${kept}` : location.pathname);
};

const readAddress = () => {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1)))
    if (form.elements.namedItem(name)) field(name).value = value;
};

form.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());
document.getElementById('theme')?.addEventListener('click', toggleTheme);
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target === field('text')) return;
  event.preventDefault();
  field('text').focus();
});
addEventListener('hashchange', () => {
  readAddress();
  filter();
});
openTheme();
readAddress();
filter();

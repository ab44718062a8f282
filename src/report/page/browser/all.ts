// Wires the page over all runs: filters, kept in the address so that a choice can be sent to somebody.
import { element, elements } from './elements.ts';
import { openTheme, toggleTheme } from './theme.ts';

const form = element('#filters', HTMLFormElement);
const choices = elements('#filters select', HTMLSelectElement);
const text = element('#filters [name=text]', HTMLInputElement);
const fields = [...choices, text];
const rows = elements('#rows tr', HTMLElement);

const filter = () => {
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const row of rows) {
    const content = row.textContent.toLowerCase();
    const isShown =
      choices.every(({ name, value }) => value === '' || row.dataset[name] === value) &&
      words.every((word) => content.includes(word));
    row.hidden = !isShown;
    if (isShown) count++;
  }
  element('#shown', HTMLElement).textContent = `${count} of ${rows.length}`;
  const kept = new URLSearchParams(
    fields.filter(({ value }) => value !== '').map(({ name, value }): [string, string] => [name, value]),
  );
  history.replaceState(null, '', kept.size > 0 ? `#${kept}` : location.pathname);
};

const readAddress = () => {
  for (const [name, value] of new URLSearchParams(location.hash.slice(1)))
    for (const field of fields) if (field.name === name) field.value = value;
};

form.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());
element('#theme', HTMLElement).addEventListener('click', toggleTheme);
addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target === text) return;
  event.preventDefault();
  text.focus();
});
addEventListener('hashchange', () => {
  readAddress();
  filter();
});
openTheme();
readAddress();
filter();

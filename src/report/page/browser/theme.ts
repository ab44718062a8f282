// Light or dark: as the system has it, until the reader says otherwise.
import { element } from './elements.ts';

const button = element('#theme', HTMLElement);
const system = matchMedia('(prefers-color-scheme: dark)');

const stored = () => {
  try {
    return localStorage.getItem('finwait-theme');
  } catch {
    return null;
  }
};

const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';

const show = () => button.setAttribute('aria-pressed', String(isDark()));

export const toggleTheme = () => {
  const theme = isDark() ? 'light' : 'dark';
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem('finwait-theme', theme);
  } catch {
    // A page opened from disk may have no storage: then the choice lasts as long as the page.
  }
  show();
};

export const openTheme = () => {
  const theme = stored();
  if (theme) document.documentElement.dataset.theme = theme;
  system.addEventListener('change', show);
  show();
};

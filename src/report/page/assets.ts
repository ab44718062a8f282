// Joins the page's modules into one script: each becomes a scope of its own, because a page opened from disk can import nothing.

/** The modules of a page in the order in which they are needed: the names of files in browser/, without `.js`. */
export const modulesOf = {
  run: [
    'text',
    'lanes',
    'diagram',
    'headers',
    'run',
    'words',
    'frame',
    'sockets',
    'source',
    'details',
    'canvas',
    'theme',
    'app',
  ],
  all: ['theme', 'all'],
} as const;

/** The style sheets of a page: the names of files beside this one, without `.css`. */
export const stylesOf = {
  run: ['page', 'diagram', 'states', 'run'],
  all: ['page', 'states', 'all'],
} as const;

/** One script out of modules that import only each other, by `import { names } from './name.js';`. */
export const joinModules = (modules: { name: string; text: string }[]): string =>
  `'use strict';\n${modules.map(asScope).join('\n')}`;

const asScope = ({ name, text }: { name: string; text: string }): string => {
  const exported = [...text.matchAll(/^export const (\w+)/gm)].map(([, own]) => own);
  const body = text
    .replaceAll(/^import (\{[^}]+\}) from '\.\/([\w-]+)\.js';$/gm, 'const $1 = _$2;')
    .replaceAll(/^export /gm, '')
    // Types and comments are for those who work on it.
    .replaceAll(/^\s*\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n/gm, '')
    .replaceAll(/^\s*\/\/.*\n/gm, '');
  return `const _${name} = (() => {\n${body}return { ${exported.join(', ')} };\n})();`;
};

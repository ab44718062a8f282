// The frame of every HTML page finwait writes: style and script inline, and a policy that lets nothing else in. It
// names both by their hashes: text of a run that got through as markup would still be no script, and could not even be
// a style.
import { createHash } from 'node:crypto';

export type Assets = { css: string; script: string };

/** A whole document. The policy forbids every request: what a page shows is what the file holds. */
export const pageOf = ({
  title,
  body,
  assets,
  kind,
}: {
  title: string;
  body: string;
  assets: Assets;
  kind: 'run' | 'all';
}): string => {
  const style = `\n${assets.css}`;
  const script = `\n${assets.script}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M2 4l11 3m-3-3l3 3-4 1M14 10L3 13' fill='none' stroke='%23378' stroke-width='2'/%3E%3C/svg%3E">
<style>${style}</style>
</head>
<body class="${kind}">
${body}
<script>${script}</script>
</body>
</html>
`;
};

/** As a content security policy names the text of an element (CSP Level 3, 2.3.1). */
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] as string);

/** Data for the page's script; no text in it can end the element. */
export const jsonBlock = (id: string, data: unknown): string =>
  `<script type="application/json" id="${id}">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`;

// The experiment's source: the lines around a call, and the whole with the calls it made.
import { chosen, events, order, run } from './run.ts';
import { escapeText } from './text.ts';

const lines = run.source?.text.replace(/\n$/, '').split('\n') ?? [];

export const excerpt = (file: string, line: number) => {
  if (!run.source || !isOwn(file)) return `<p class="quiet">${escapeText(file)}, line ${line}</p>`;
  const from = Math.max(0, line - 4);
  return `<pre class="code" tabindex="0" role="region" aria-label="Lines of source">${lines
    .slice(from, line + 3)
    .map((text, index) => codeLine(from + index + 1, text, line))
    .join('')}</pre>`;
};

const isOwn = (file: string) =>
  run.source !== undefined && (file.endsWith(run.source.file) || run.source.file.endsWith(file));

/** The first event of the diagram each line led to. */
const firstOf = () => {
  const first = new Map<number, string>();
  for (const id of order) {
    const event = events.get(id);
    if (
      event &&
      'source' in event &&
      event.source &&
      'line' in event.source &&
      isOwn(event.source.file) &&
      !first.has(event.source.line)
    )
      first.set(event.source.line, id);
  }
  return first;
};

const otherToday = "The experiment as it was when the run was made, and as it was judged by. Today's is another.";

/** HTML for the source view. */
export const sourceHtml = () => {
  if (!run.source) return '<p class="quiet">The source was not there when this page was made.</p>';
  const first = firstOf();
  const current = currentLine();
  const differs = run.source.differs ? `<p>${escapeText(otherToday)}</p>` : '';
  return `<h2>${escapeText(run.source.file)}</h2>${differs}<pre class="code whole" tabindex="0" role="region" aria-label="Source">${lines.map((text, index) => codeLine(index + 1, text, current, first.get(index + 1))).join('')}</pre>`;
};

/** The line that led to what is chosen, through its causes. */
const currentLine = () => {
  let event = events.get(chosen.item);
  for (let far = 0; event && far < 40; far++) {
    if ('source' in event && event.source && 'line' in event.source) return event.source.line;
    event = event.cause && 'event' in event.cause ? events.get(event.cause.event) : undefined;
  }
  return 0;
};

const codeLine = (number: number, text: string, current: number, id?: string) =>
  `<span class="line${number === current ? ' current' : ''}"${number === current ? ' aria-current="true"' : ''}><span class="number">${id ? `<a href="#${id}" aria-label="line ${number}: ${id}">${number}</a>` : number}</span>${coloured(text) || ' '}</span>`;

const words =
  /(\/\/.*$)|('(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)|\b(import|from|export|default|async|await|const|let|return|new|for|of|if|else)\b|\b(\d[\d_.]*)\b/g;

const coloured = (text: string) => {
  let drawn = '';
  let at = 0;
  for (const found of text.matchAll(words)) {
    const [whole, comment, string, keyword] = found;
    const kind = comment ? 'comment' : string ? 'string' : keyword ? 'keyword' : 'number-word';
    drawn += `${escapeText(text.slice(at, found.index))}<em class="${kind}">${escapeText(whole)}</em>`;
    at = found.index + whole.length;
  }
  return drawn + escapeText(text.slice(at));
};

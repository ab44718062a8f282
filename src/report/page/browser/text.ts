// Text in SVG and HTML: escaped, cut, broken. Pure.

export const escapeText = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** The text within so many columns. */
export const cutTo = (text: string, room: number) => {
  const letters = [...text];
  return letters.length <= room ? text : room < 2 ? '' : `${letters.slice(0, room - 1).join('')}…`;
};

/** Break words into at most two lines, at a space or a bracket. */
export const wrapWords = (text: string, room: number) => {
  if ([...text].length <= room) return [text];
  const end = Math.max(...[' ', '(', ','].map((mark) => text.slice(0, room).lastIndexOf(mark))) + 1;
  return end < room / 3
    ? [text.slice(0, room), text.slice(room)]
    : [text.slice(0, end).trimEnd(), ` ${text.slice(end).trimStart()}`];
};

/** A coordinate in tenths of a pixel. */
export const round = (value: number) => Math.round(value * 10) / 10;

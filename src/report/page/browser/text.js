// Text in SVG and HTML: escaped, cut, broken. Pure.

/** @param {string} text */
export const escapeText = (text) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/**
 * @param {string} text
 * @param {number} room columns
 */
export const cutTo = (text, room) => {
  const letters = [...text];
  return letters.length <= room ? text : room < 2 ? '' : `${letters.slice(0, room - 1).join('')}…`;
};

/**
 * Break words into at most two lines, at a space or a bracket.
 * @param {string} text
 * @param {number} room
 */
export const wrapWords = (text, room) => {
  if ([...text].length <= room) return [text];
  const end = Math.max(...[' ', '(', ','].map((mark) => text.slice(0, room).lastIndexOf(mark))) + 1;
  return end < room / 3
    ? [text.slice(0, room), text.slice(room)]
    : [text.slice(0, end).trimEnd(), ` ${text.slice(end).trimStart()}`];
};

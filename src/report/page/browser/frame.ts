// A segment's bytes and the fields they make up. Pointing at a field shows its bytes.
import type { PageEvent } from '../content.ts';
import { closest, elements } from './elements.ts';
import { decodeHeaders } from './headers.ts';
import { run } from './run.ts';
import { escapeText } from './text.ts';
import { section } from './words.ts';

export const frameView = (event: Extract<PageEvent, { kind: 'segment' }>) => {
  const frame = run.frames[event.id];
  if (!frame)
    return section(
      'Payload',
      event.payload ? `<pre class="raw">${escapeText(event.payload.replaceAll(/(..)/g, '$1 '))}</pre>` : '',
    );
  const bytes = Uint8Array.from(atob(frame.bytes), (letter) => letter.charCodeAt(0));
  const layers = decodeHeaders(bytes);
  const fields = layers
    .map(
      ({ layer, fields: list }) =>
        `<details open><summary>${layer}</summary><dl class="facts fields">${list
          .map(
            ({ name, value, from, to }) =>
              `<div data-from="${from}" data-to="${to}"><dt>${name}</dt><dd>${escapeText(value)}</dd></div>`,
          )
          .join('')}</dl></details>`,
    )
    .join('');
  const cut =
    frame.length > bytes.length
      ? `<p class="quiet">The first ${bytes.length} of ${frame.length} bytes; the rest is in ${frame.host}.pcap.</p>`
      : '';
  return section('Headers', fields) + section(`Bytes, captured on the ${frame.host}`, hexView(bytes) + cut);
};

const hexView = (bytes: Uint8Array) => {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row
      .map(
        (byte, index) =>
          `<i data-byte="${at + index}">${byte.toString(16).padStart(2, '0')}</i>${index === 7 ? ' ' : ''}`,
      )
      .join(' ');
    const text = row
      .map(
        (byte, index) =>
          `<i data-byte="${at + index}">${byte > 32 && byte < 127 ? escapeText(String.fromCharCode(byte)) : '·'}</i>`,
      )
      .join('');
    lines.push(
      `<span class="offset">${at.toString(16).padStart(4, '0')}</span>  ${hex}${'   '.repeat(16 - row.length)}${row.length < 8 ? ' ' : ''}  ${text}`,
    );
  }
  return `<pre class="hex" tabindex="0" role="region" aria-label="Bytes">${lines.join('\n')}</pre>`;
};

/** Light the bytes of the field pointed at, and the field of the byte. */
export const watchFields = (view: HTMLElement) => {
  view.addEventListener('pointerover', ({ target }) => {
    const byte = closest(target, '[data-byte]', HTMLElement)?.dataset.byte;
    const own =
      closest(target, '[data-from]', HTMLElement) ??
      (byte
        ? elements('[data-from]', HTMLElement, view).find(
            ({ dataset }) => Number(dataset.from) <= Number(byte) && Number(byte) < Number(dataset.to),
          )
        : undefined);
    for (const one of view.querySelectorAll('.pointed')) one.classList.remove('pointed');
    if (!own) return;
    own.classList.add('pointed');
    for (let at = Number(own.dataset.from); at < Number(own.dataset.to); at++)
      for (const one of view.querySelectorAll(`[data-byte="${at}"]`)) one.classList.add('pointed');
  });
};

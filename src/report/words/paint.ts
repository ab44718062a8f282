// Colours by meaning. Meaning never rests on colour alone: every painted thing has a word or a glyph of its own.
import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

const formats = {
  plain: [],
  title: ['bold'],
  heading: ['bold'],
  faint: ['gray'],
  call: ['bold'],
  nodeCall: [],
  emit: ['cyan'],
  process: ['magenta'],
  output: ['gray'],
  state: ['blueBright'],
  closed: ['gray'],
  syn: ['green'],
  fin: ['yellow'],
  rst: ['red'],
  data: ['cyan'],
  ack: [],
  wire: ['magenta'],
  stage: ['bold'],
  note: ['gray'],
  idle: ['bold'],
  lost: ['red', 'bold'],
  warning: ['yellow'],
  held: ['green'],
  failed: ['red'],
  unknown: ['magenta'],
  reproduced: ['green', 'bold'],
  refuted: ['red', 'bold'],
  conditional: ['yellow', 'bold'],
  inconclusive: ['magenta', 'bold'],
} satisfies Record<string, Format>;

export type Style = keyof typeof formats;
export type Paint = (style: Style, text: string) => string;

/** Paint with colours, or not at all. */
export const painter =
  (colour: boolean): Paint =>
  (style, text) =>
    colour && text !== '' && formats[style].length > 0
      ? styleText(formats[style], text, { validateStream: false })
      : text;

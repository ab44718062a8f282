// Colours by meaning. Meaning never rests on colour alone: every painted thing has a word or a glyph of its own.
import { styleText } from 'node:util';
import { formats, type Style } from './styles.ts';

export type Paint = (style: Style, text: string) => string;

/** Paint with colours, or not at all. */
export const painter =
  (colour: boolean): Paint =>
  (style, text) =>
    colour && text !== '' && formats[style].length > 0
      ? styleText([...formats[style]], text, { validateStream: false })
      : text;

// TCP's options in words, each with its bytes. Pure.
import { decodeOptions, optionLength, type TcpOption } from '../../../packet/options.ts';
import { type Field, field } from './field.ts';

/** The options that stand between two offsets, and what fills the header up behind them. */
export const optionFields = (bytes: Uint8Array, begin: number, end: number): Field[] => {
  let at = begin;
  const fields = decodeOptions(bytes, begin, end).map((option) => {
    const from = at;
    at += optionLength(option);
    const [name, value] = wordsOf(option);
    return field(name, from, optionLength(option), value);
  });
  return at < end ? [...fields, field(endOfOptions, at, end - at, '')] : fields;
};

const endOfOptions = 'end of options';

const wordsOf = (option: TcpOption): [name: string, value: string | number] => {
  switch (option.name) {
    case 'nop':
      return ['option: no operation', ''];
    case 'mss':
      return ['option: MSS', option.value];
    case 'windowScale':
      return ['option: window scale', `${option.shift} (×${2 ** option.shift})`];
    case 'sackPermitted':
      return ['option: SACK permitted', ''];
    case 'sack':
      return ['option: SACK', option.blocks.map(([left, right]) => `${left}–${right}`).join(', ')];
    case 'timestamps':
      return ['option: timestamps', `value ${option.value}, echo ${option.echo}`];
    case 'other':
      return [`option: kind ${option.kind}`, `${optionLength(option)} bytes`];
    case 'raw':
      return option.data[0] === 0 ? [endOfOptions, ''] : ['option: damaged', `kind ${option.data[0]}`];
  }
};

// What the report is drawn on. A value, so that a test can draw on a screen of any width without having one.

export type Screen = {
  /** Columns. */
  width: number;
  isTerminal: boolean;
  colour: boolean;
  /** False where the locale says that only ASCII is safe. */
  unicode: boolean;
};

/** Without a terminal there is no width to keep to; prose is wrapped here. */
const proseWidth = 100;

/**
 * The screen a stream writes to. FORCE_COLOR and NO_COLOR decide on colours (https://force-color.org, https://no-color.org),
 * else whether it is a terminal that can show them. A locale that is not set at all counts as UTF-8: bare containers have none,
 * and their terminals are someone's desktop.
 */
export const screenOf = (
  stream: { isTTY?: boolean; columns?: number },
  env: Record<string, string | undefined>,
): Screen => {
  const isTerminal = stream.isTTY === true;
  return {
    width: (isTerminal && stream.columns) || positive(env.COLUMNS) || (isTerminal ? 80 : proseWidth),
    isTerminal,
    colour: hasColour(isTerminal, env),
    unicode: isUtf8(env),
  };
};

const positive = (text: string | undefined): number | undefined => {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 ? number : undefined;
};

const hasColour = (isTerminal: boolean, env: Record<string, string | undefined>): boolean => {
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  if (env.NO_COLOR) return false;
  return isTerminal && env.TERM !== 'dumb';
};

const isUtf8 = ({ LC_ALL, LC_CTYPE, LANG, TERM }: Record<string, string | undefined>): boolean => {
  const locale = LC_ALL || LC_CTYPE || LANG;
  return TERM !== 'linux' && TERM !== 'dumb' && (!locale || /utf-?8/i.test(locale));
};

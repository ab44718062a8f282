// A command in a terminal of its own, made by script(1) of util-linux: keys go in, the screen is read as a person would see it.
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';

export type PseudoTerminal = ReturnType<typeof inPseudoTerminal>;

/** Start `command`; the settings of the terminal are printed before and after it, and its exit code. */
export const inPseudoTerminal = (command: string[], { columns, rows }: { columns: number; rows: number }) => {
  const quoted = command.map((word) => `'${word}'`).join(' ');
  const shell = `stty cols ${columns} rows ${rows}; echo "settings: $(stty -g)"; ${quoted}; echo "exit code: $?"; echo "settings: $(stty -g)"`;
  const child = execa('script', ['-qfec', shell, '/dev/null'], {
    reject: false,
    stdin: 'pipe',
    env: { TERM: 'xterm-256color', SHELL: '/bin/sh', LANG: 'C.UTF-8', NO_COLOR: '1' },
  });
  let raw = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    raw += text;
    for (const listener of [...listeners]) listener();
  });
  let hasEnded = false;
  void child.finally(() => {
    hasEnded = true;
    for (const listener of [...listeners]) listener();
  });

  return {
    press: (keys: string) => void child.stdin.write(keys),
    signal: (name: NodeJS.Signals) => child.kill(name),
    screen: () => screenOf(raw),
    raw: () => raw,
    /** Resolves to the screen once it matches; the test's own timeout ends a wait in vain. */
    until: (pattern: RegExp): Promise<string> => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const look = () => {
        const screen = screenOf(raw);
        if (pattern.test(screen)) done(() => resolve(screen));
        else if (hasEnded) done(() => reject(new Error(`It ended and ${pattern} never came:\n${screen}`)));
      };
      const done = (settle: () => void) => {
        listeners.delete(look);
        settle();
      };
      listeners.add(look);
      look();
      return promise;
    },
    /** Resolves when the command and its terminal have ended: what stood on the first screen, the exit code, both settings. */
    ended: async () => {
      await child;
      const text = stripVTControlCharacters(raw.replaceAll(secondScreen, '')).replaceAll('\r', '');
      const settings = [...text.matchAll(/^settings: (.*)$/gm)].map(([, value]) => value);
      return { text, exitCode: Number(/^exit code: (\d+)$/m.exec(text)?.[1]), before: settings[0], after: settings[1] };
    },
    kill: () => child.kill('SIGKILL'),
  };
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is made of what a program writes to a terminal
const secondScreen = /\x1b\[\?1049h[\s\S]*?\x1b\[\?1049l/g;

/** What stands on the second screen now: lines are placed by row, and the rest of a line or of the screen is erased. */
const screenOf = (raw: string): string => {
  const begin = raw.lastIndexOf('\x1b[?1049h');
  if (begin < 0 || raw.includes('\x1b[?1049l', begin)) return '';
  const lines: string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  for (const [, row, text = '', erase] of raw.slice(begin).matchAll(/\x1b\[(\d*)(?:;1)?H([^\x1b]*)(\x1b\[[KJ])?/g)) {
    const index = Number(row || 1) - 1;
    if (erase === '\x1b[J') lines.length = Math.min(lines.length, index);
    else if (erase) lines[index] = text;
  }
  return Array.from(lines, (line) => line ?? '').join('\n');
};

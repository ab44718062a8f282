// Two programs to be tried, as the experiment that does it: the same words somebody would write, to be kept and refined.
import { inspect } from 'node:util';

export type Trial = {
  /** Lines for a shell. */
  server: string;
  client: string;
  /** The folder both start in. */
  cwd: string;
  /** The client is ended after so many seconds; else it ends when it likes. */
  forSeconds?: number;
  /** The cable is cut so many seconds after the client was started, and put back after so many. */
  cutAfterSeconds?: number;
  restoreAfterSeconds?: number;
  lockstep: boolean;
};

/** The longest a client may take that nobody sets an end to, seconds. */
const longestSeconds = 3600;

/** How often ss looks at both hosts while the client runs. */
const lookSeconds = 1;

/** How long a server may take to close a connection that its client has closed. */
const graceSeconds = 2;

/** The source of the experiment. */
export const trialSource = (trial: Trial): string => {
  const { server, client, cwd, forSeconds, lockstep } = trial;
  const seconds = forSeconds ?? longestSeconds;
  const lines = [
    `const serving = await server.spawn('sh', ['-c', ${text(shellLine(server))}], { name: 'server', cwd: ${text(cwd)} });`,
    'await serving.listening();',
    'await client.leadLocalhost(server); // 127.0.0.1 and localhost are the server’s host, where it listens',
    `const using = await client.spawn('sh', ['-c', ${text(shellLine(client))}], { name: 'client', cwd: ${text(cwd)} });`,
    `const ended = ${endOfClient(forSeconds)};`,
    ...cable(trial),
    `await observe(${milliseconds(seconds)}, { everyMs: ${milliseconds(lookSeconds)}, until: ended });`,
    'await ended;',
    'await wire.quiet();',
    `await server.untilGone({ state: 'CLOSE-WAIT', timeoutMs: ${milliseconds(graceSeconds)} }).catch(() => {}); // it may take its time to close`,
    "note('the client has ended; from here on the server is ended as well');",
    'await server.sockets(); // what it has left open: whatever ends now ends after this look',
    "await serving.exited({ timeoutMs: 50 }).catch(() => serving.kill('SIGTERM', { group: true }));",
    `await serving.exited({ timeoutMs: ${milliseconds(graceSeconds)} }).catch(() => serving.kill('SIGKILL', { group: true })); // it does not end`,
  ];
  return [
    '// Made by `finwait try`. The words: docs/vocabulary.md.',
    "import { experiment } from '#finwait';",
    '',
    'export default experiment({',
    `  title: ${text(`${client} against ${server}`)},`,
    `  freeRun: ${!lockstep},`,
    '  diagnose: true,',
    `  timeoutSeconds: ${seconds + 120},`,
    '',
    `  async run({ client, server, wire, note, observe }) {`,
    ...lines.map((line) => `    ${line}`),
    '  },',
    '',
    '  findings: {},',
    '});',
    '',
  ].join('\n');
};

const endOfClient = (forSeconds: number | undefined): string => {
  const exited = `using.exited({ timeoutMs: ${milliseconds(forSeconds ?? longestSeconds)} })`;
  return forSeconds === undefined ? exited : `${exited}.catch(() => using.kill('SIGTERM', { group: true }))`;
};

/** The cable, for as long as the client runs. */
const cable = ({ cutAfterSeconds, restoreAfterSeconds }: Trial): string[] => {
  if (cutAfterSeconds === undefined) return [];
  const passes = (seconds: number) => `await observe(${milliseconds(seconds)}, { until: ended })`;
  const cut = `if (${passes(cutAfterSeconds)}) await wire.cut();`;
  if (restoreAfterSeconds === undefined) return [cut];
  return [cut, `if (${passes(restoreAfterSeconds - cutAfterSeconds)}) await wire.restore();`];
};

const milliseconds = (seconds: number): string =>
  String(Math.round(seconds * 1000)).replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, '_');

/**
 * The line for sh(1). A single command takes the shell's place, so that its signals and its end are its own: dash forks
 * for it. What is more than words, or begins with a variable, is left to the shell as it is.
 */
const shellLine = (line: string): string =>
  /^(?![A-Za-z_]\w*=)(?!(?:exec|cd|set|ulimit|umask|if|for|while|until|case|!)\b)[^;&|<>()`\n{}]+$/.test(line.trim()) &&
  !line.includes('$(')
    ? `exec ${line.trim()}`
    : line;

/** A text as the source has it. */
const text = (value: string): string => inspect(value, { breakLength: Number.POSITIVE_INFINITY });

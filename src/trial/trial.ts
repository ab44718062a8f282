// Programs to be tried, as the experiment that does it: the same words somebody would write, to be kept and refined.
import { inspect } from 'node:util';
import type { HostName } from '../record/hosts.ts';

export type Trial = {
  /** The folder the programs start in. */
  cwd: string;
  /** The client, or the one program, is ended after so many seconds; else it ends when it likes. */
  forSeconds?: number;
  /** Set before the programs start, of each host. */
  sysctls?: readonly { host: HostName; name: string; value: string }[];
} & (Hosts | OneHost);

/** Lines for a shell: a program on each host. */
type Hosts = {
  server: string;
  client: string;
  /** What stands between them, if anything does. */
  proxy?: string;
  /** The cable is cut so many seconds after the client was started, and put back after so many. */
  cutAfterSeconds?: number;
  restoreAfterSeconds?: number;
  lockstep: boolean;
};

/** A line for a shell: one program, which has both ends, or starts those that have. */
type OneHost = { one: string };

/** The longest a program may take that nobody sets an end to, seconds. */
const longestSeconds = 3600;

/** How often ss looks at all hosts while the client runs. */
const lookSeconds = 1;

/** How long a server may take to close a connection that its client has closed. */
const graceSeconds = 2;

/** The source of the experiment. */
export const trialSource = (trial: Trial): string => {
  const isOne = 'one' in trial;
  return [
    '// Made by `finwait try`. The words: docs/vocabulary.md.',
    "import { experiment } from '#finwait';",
    '',
    'export default experiment({',
    `  title: ${text(titleOf(trial))},`,
    ...(isOne ? ['  oneHost: true,'] : [`  freeRun: ${!trial.lockstep},`, '  ipv6: true,']),
    ...(isOne || trial.proxy === undefined ? [] : ['  proxy: true,']),
    '  diagnose: true,',
    ...sysctlLines(trial),
    `  timeoutSeconds: ${secondsOf(trial) + 120},`,
    '',
    `  async run({ ${isOne ? 'client' : `client, ${trial.proxy === undefined ? '' : 'proxy, '}server, wire`}, note, observe }) {`,
    ...(isOne ? oneProgram(trial) : programs(trial)).map((line) => `    ${line}`),
    '  },',
    '',
    '  findings: {},',
    '});',
    '',
  ].join('\n');
};

const sysctlLines = ({ sysctls = [] }: Trial): string[] => {
  const byHost = Map.groupBy(sysctls, ({ host }) => host);
  const ofHost = ([host, all]: [string, typeof sysctls]) =>
    `${host}: { ${all.map(({ name, value }) => `${text(name)}: ${text(value)}`).join(', ')} }`;
  return byHost.size === 0 ? [] : [`  sysctls: { ${[...byHost].map(ofHost).join(', ')} },`];
};

/** What a trial is called. */
export const titleOf = (trial: Trial): string => {
  if ('one' in trial) return trial.one;
  const { client, proxy, server } = trial;
  return proxy === undefined ? `${client} against ${server}` : `${client} through ${proxy} to ${server}`;
};

const programs = (trial: Trial & Hosts): string[] => {
  const { proxy } = trial;
  const next = proxy === undefined ? 'server' : 'proxy';
  const leads = [
    `await client.leadLocalhost(${next});`,
    ...(proxy === undefined ? [] : ['await proxy.leadLocalhost(server);']),
  ];
  const others = proxy === undefined ? ['server'] : ['proxy', 'server'];
  return [
    `const serving = await server.spawn(${spawned('server', trial.server, trial)});`,
    'await serving.listening();',
    ...(proxy === undefined
      ? []
      : [
          'await proxy.leadLocalhost(server); // its 127.0.0.1 and localhost are the server’s host, where that listens',
          `const passing = await proxy.spawn(${spawned('proxy', proxy, trial)});`,
          'await passing.listening();',
        ]),
    `await client.leadLocalhost(${next}); // 127.0.0.1 and localhost are the ${next}’s host, where it listens`,
    `const using = await client.spawn(${spawned('client', trial.client, trial)});`,
    `const ended = ${endOf('using', trial)};`,
    ...cable(trial),
    `while (await observe(${milliseconds(lookSeconds)}, { everyMs: ${milliseconds(lookSeconds)}, until: ended })) {`,
    ...leads.map((lead) => `  ${lead} // what it opens later`),
    '}',
    'await ended;',
    'await wire.quiet();',
    ...others.map(
      (host) =>
        `await ${host}.untilGone({ state: 'CLOSE-WAIT', timeoutMs: ${milliseconds(graceSeconds)} }).catch(() => {}); // it may take its time to close`,
    ),
    `note('the client has ended; from here on the ${others.join(' and the ')} ${others.length > 1 ? 'are' : 'is'} ended as well');`,
    ...others.map(
      (host) => `await ${host}.sockets(); // what it has left open: whatever ends now ends after this look`,
    ),
    ...(proxy === undefined ? [] : endedAtLast('passing')),
    ...endedAtLast('serving'),
  ];
};

/** A program that lives on is asked to end, and made to. */
const endedAtLast = (program: string): string[] => [
  `await ${program}.exited({ timeoutMs: 50 }).catch(() => ${ending(program, 'SIGTERM')});`,
  `await ${program}.exited({ timeoutMs: ${milliseconds(graceSeconds)} }).catch(() => ${ending(program, 'SIGKILL')}); // it does not end`,
];

const oneProgram = (trial: Trial & OneHost): string[] => [
  `const program = await client.spawn(${spawned('program', trial.one, trial)});`,
  `const ended = program.exited({ timeoutMs: ${milliseconds(secondsOf(trial))} })${trial.forSeconds === undefined ? '' : '.catch(() => {})'};`,
  `await observe(${milliseconds(secondsOf(trial))}, { everyMs: ${milliseconds(lookSeconds)}, until: ended });`,
  'await ended;',
  ...(trial.forSeconds === undefined
    ? []
    : [
        'await program.exited({ timeoutMs: 50 }).catch(async () => {',
        "  note('its time is over; from here on it is ended');",
        '  await client.sockets(); // what it has left open: whatever ends now ends after this look',
        `  await ${ending('program', 'SIGTERM')};`,
        '});',
        `await program.exited({ timeoutMs: ${milliseconds(graceSeconds)} }).catch(() => ${ending('program', 'SIGKILL')}); // it does not end`,
      ]),
];

/** The end of a program, unless it has just ended by itself. */
const ending = (program: string, signal: string): string =>
  `${program}.kill('${signal}', { group: true }).catch(() => {})`;

/** The arguments of `spawn`. */
const spawned = (name: string, line: string, { cwd }: Trial): string =>
  `'sh', ['-c', ${text(shellLine(line))}], { name: '${name}', cwd: ${text(cwd)} }`;

const secondsOf = ({ forSeconds }: Trial): number => forSeconds ?? longestSeconds;

const endOf = (program: string, trial: Trial): string => {
  const exited = `${program}.exited({ timeoutMs: ${milliseconds(secondsOf(trial))} })`;
  return trial.forSeconds === undefined ? exited : `${exited}.catch(() => ${ending(program, 'SIGTERM')})`;
};

/** The cable, for as long as the client runs. */
const cable = ({ cutAfterSeconds, restoreAfterSeconds }: Hosts): string[] => {
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
  /^(?![A-Za-z_]\w*=)(?!(?:exec|exit|return|eval|export|unset|trap|wait|read|cd|set|ulimit|umask|if|for|while|until|case|!)\b)[^;&|<>()`\n{}]+$/.test(
    line.trim(),
  ) && !line.includes('$(')
    ? `exec ${line.trim()}`
    : line;

/** A text as the source has it. */
const text = (value: string): string => inspect(value, { breakLength: Number.POSITIVE_INFINITY });

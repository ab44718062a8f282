// Any program on a host, in the hands of a script: its input, its output, its end.
import { callSite } from '../experiment/call-site.ts';
import { RunError } from '../experiment/run-error.ts';
import type { Process, Program } from '../experiment/vocabulary.ts';
import type { HostName } from '../record/hosts.ts';
import type { Source } from '../record/source.ts';
import type { Session } from '../session/session.ts';
import { checked } from './checks/check.ts';
import { programWords } from './checks/process-words.ts';
import { endOf, endWords, processOf } from './process.ts';
import { socketsOf } from './sockets.ts';

/** What a script may do with a program. A wait for its words ends with it, unless it has left something that may print them. */
export const program = (session: Session, host: HostName, name: string): Program => {
  const agent = session.lab.agent[host];
  const who = name === host ? `The ${host}` : `${name} on the ${host}`;
  const printed = () =>
    session.recorder.reports
      .flatMap((report) => (report.type === 'output' && report.process === name ? [report.text] : []))
      .join('');
  /** What it has printed last, in a sentence. */
  const lastWords = () => {
    // A stack of Node's is no news, and its version neither.
    const lines = printed()
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^\s+at |^Node\.js v/.test(line));
    const last = lines
      .slice(-3)
      .map((line) => line.trim())
      .join(' / ');
    return last ? `Its last words: ${last}` : 'It printed nothing.';
  };
  /** Rejects once it has ended: then it listens to nothing any more. */
  const deaf = async (source?: Source): Promise<never> => {
    const how = endWords(await endOf(session, host, name));
    throw new RunError(`${who} ended (${how}) before it listened. ${lastWords()}`, 'EENDED', source);
  };
  /** Rejects once nobody is left who could still print it. */
  const silence = async (pattern: RegExp, source?: Source): Promise<never> => {
    const how = endWords(await endOf(session, host, name));
    const hasOrphans = session.recorder.reports.some(
      (report) => report.type === 'process' && report.process === name && report.edge === 'exit' && report.orphans,
    );
    if (hasOrphans || pattern.test(printed())) return new Promise<never>(() => {});
    throw new RunError(`${who} ended (${how}) and has not printed ${pattern}. ${lastWords()}`, 'EENDED', source);
  };
  const methods: Omit<Program, keyof Process> = {
    input: (text) =>
      session.step(
        `${name}: input`,
        async (step, source) => void (await agent.request({ do: 'input', name, text, step, source })),
      ),
    endInput: () =>
      session.step(
        `${name}: end of input`,
        async (step, source) => void (await agent.request({ do: 'endInput', name, step, source })),
      ),
    listening: async ({ port, timeoutMs = 30_000 } = {}) => {
      const shown = socketsOf(session, host).until('LISTEN', { localPort: port, timeoutMs });
      const { local } = await Promise.race([shown, deaf(callSite())]);
      return local.port;
    },
    output: (pattern, options = {}) =>
      session.waitUntil(
        `${name} to print ${pattern}`,
        () => (pattern.test(printed()) ? printed() : undefined),
        options.timeoutMs,
        silence(pattern, callSite()),
        true, // a program that starts, a JVM for one, takes a core for a second
      ),
  };
  return { ...processOf(session, host, name), ...checked('program.', methods, programWords) };
};

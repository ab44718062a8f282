// Any program on a host, in the hands of a script: its input, its output, its end.
import type { Process, Program } from '../experiment/vocabulary.ts';
import type { HostName } from '../record/hosts.ts';
import type { Session } from '../session/session.ts';
import { checked } from './checks/check.ts';
import { programWords } from './checks/process-words.ts';
import { processOf } from './process.ts';

export const program = (session: Session, host: HostName, name: string): Program => {
  const agent = session.lab.agent[host];
  const printed = () =>
    session.recorder.told
      .flatMap((told) => (told.type === 'output' && told.process === name ? [told.text] : []))
      .join('');
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
    output: (pattern, options = {}) =>
      session.waitUntil(
        `${name} to print ${pattern}`,
        () => (pattern.test(printed()) ? printed() : undefined),
        options.timeoutMs,
      ),
  };
  return { ...processOf(session, host, name), ...checked('program.', methods, programWords) };
};

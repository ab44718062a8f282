// A script as an experiment of its own, so that it is run, reported and analysed like any other.
import { type Experiment, experiment } from '../experiment/experiment.ts';
import { finding } from '../verdict/finding.ts';
import { followsScript } from './judge/judge.ts';
import type { PktScript } from './notation/script.ts';

/** The file in a run's folder that keeps the script. */
export const keptScript = 'script.pkt';

/** An experiment that plays one script and finds whether it holds on this kernel. */
export const scriptExperiment = (
  script: Pick<PktScript, 'file' | 'text'>,
  { lockstep = false, timeoutSeconds }: { lockstep?: boolean; timeoutSeconds?: number } = {},
): Experiment =>
  experiment({
    title: titleOf(script.text) ?? script.file,
    freeRun: !lockstep,
    files: { [keptScript]: script.text },
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    run: ({ packetdrill }) => packetdrill(script.file),
    findings: {
      pkt: finding(`${script.file} holds on this kernel`, {
        'the kernel does what the script says, line by line': (run) => followsScript(run),
      }),
    },
  });

/** The first sentence of the comment a script begins with. */
const titleOf = (text: string): string | undefined => {
  const comment: string[] = [];
  let isInBlock = false; // where it is not, a star means any time: `* > …`
  for (const line of text.split('\n')) {
    isInBlock ||= /^\s*\/\*/.test(line);
    const shape = isInBlock ? /^\s*\/?\**\s?(.*?)\s*(?:\*\/.*)?$/ : /^\s*(?:\/\/|#)\s?(.*?)\s*$/;
    const [, words] = shape.exec(line) ?? [];
    if (line.includes('*/')) isInBlock = false;
    if (words === undefined && comment.length > 0) break;
    if (words && !/^SPDX|^!/.test(words)) comment.push(words);
    if (words === '' && comment.length > 0) break;
  }
  const [sentence] = /^.*?\.(?=\s|$)/s.exec(comment.join(' ')) ?? [comment.join(' ')];
  return sentence ? sentence.replace(/[.:]$/, '') : undefined;
};

/** Seconds a script takes at least: the times it names, added up where they are relative. */
export const shortestSeconds = ({ lines }: PktScript): number => {
  let at = 0;
  for (const { time } of lines) {
    if (time.kind === 'any') continue;
    at = time.kind === 'absolute' ? Math.max(at, time.until ?? time.at) : at + (time.until ?? time.at);
  }
  return at;
};

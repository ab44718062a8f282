// Standard input of a command, each use recorded as a call.
import { failure } from './errno.ts';
import type { HostProcess } from './host-process.ts';
import type { Recorder } from './recorder.ts';
import type { EndInputRequest, InputRequest, Provenance } from './requests.ts';

/** Write text to the command's standard input. Throws EPIPE when it has none any more. */
export const writeInput = (recorder: Recorder, process: HostProcess, { text, ...note }: InputRequest) =>
  recorded(recorder, process, 'input', [text], note, () => process.input?.write(text));

/** Let the command read an end of file. */
export const endInput = (recorder: Recorder, process: HostProcess, note: EndInputRequest) =>
  recorded(recorder, process, 'endInput', [], note, () => process.input?.end());

const recorded = (
  recorder: Recorder,
  { name, input, running }: HostProcess,
  api: string,
  args: unknown[],
  { call: id, step, source }: Provenance,
  act: () => void,
) => {
  const call = recorder.call({ call: id, step, source, process: name, by: 'script', api, args });
  if (!running || !input?.writable) {
    recorder.returned(call, { errno: 'EPIPE' });
    throw failure(
      'EPIPE',
      `Cannot write to ${name}: ${running ? 'its input is closed or it takes none' : 'it has ended'}.`,
    );
  }
  act();
  recorder.returned(call);
  return {};
};

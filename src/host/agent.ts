// The agent in a host: starts processes, sends them signals, and lets none outlive the lab.
// Usage: node agent.ts --control <path to control.sock> --host client|server
import '../record/plain-schemas.ts';
import { flushCompileCache } from 'node:module';
import { z } from 'zod';
import { type Channel, dial, type Header } from '../control/channel.ts';
import { ownPlace } from '../control/own-place.ts';
import { ownToken } from '../control/token.ts';
import { endInput, writeInput } from './command-input.ts';
import { failure } from './errno.ts';
import { createProcesses } from './processes.ts';
import { withOwnPaths } from './project-paths.ts';
import { createRecorder } from './recorder.ts';
import { agentRequest } from './requests.ts';
import { sendSignal } from './send-signal.ts';
import { userEnvironment } from './user-environment.ts';
import { whichProgram } from './which-program.ts';

const { control, host } = ownPlace();
const name = `agent-${host}`;
const recorder = createRecorder({ host, name, via: 'process' }, (record) => channel.notify({ record }));
const processes = createProcesses({
  host,
  control,
  recorder,
  tellTrace: (bytes) => channel.notify({ trace: true }, bytes),
});

const answer = (header: Header) => {
  const { data: request, error } = agentRequest.safeParse(header);
  if (!request) throw failure('ENOSYS', `An agent cannot do ${header.do}: ${z.prettifyError(error)}`);
  if (request.do === 'spawn') return processes.start(withOwnPaths(request));
  if (request.do === 'wait') return processes.find(request.name).ended;
  if (request.do === 'signal') return sendSignal(recorder, processes, request);
  if (request.do === 'input') return writeInput(recorder, processes.find(request.name), request);
  if (request.do === 'endInput') return endInput(recorder, processes.find(request.name), request);
  if (request.do === 'stopTraces') return processes.stopTraces();
  if (request.do === 'which') return whereIs(request.command);
  return processes.adopt(request);
};
const whereIs = async (command: string) => ({
  path: (await whichProgram(command, userEnvironment(process.env)))?.path,
});
const leave = () => {
  processes.killAll();
  process.exit(0);
};

// Ctrl-C reaches the whole foreground group; what becomes of a run is the collector's decision, and it closes the channel.
process.on('SIGINT', () => {});
process.on('SIGTERM', leave);
const channel: Channel = await dial(control, { role: 'agent', host, pid: process.pid, token: ownToken }, answer);
void channel.closed.then(leave);
setImmediate(flushCompileCache);

// What node and raw processes have in common: they dial control, make the calls they are asked for, and record each
// before and after.
import { flushCompileCache } from 'node:module';
import { type Channel, dial, type Header } from '../control/channel.ts';
import type { Outcome } from '../control/replies.ts';
import { ownToken } from '../control/token.ts';
import { numberIn, textIn } from '../record/fields.ts';
import type { HostName } from '../record/hosts.ts';
import { codeOf, failure } from './errno.ts';
import { waitForProcessor } from './process-state.ts';
import { type Addresses, createRecorder, type Recorder } from './recorder.ts';
import type { CallRequest } from './requests.ts';

/** The part that differs: what the calls do, and what is known of a target's addresses before a call on it. */
export type Driver = {
  perform(request: { api: string; args: unknown[]; target?: string }): Outcome | Promise<Outcome>;
  addresses(target: string | undefined): Addresses;
  /** The target of a call whose request names none. */
  targetOf?(api: string, args: unknown[]): string | undefined;
  /** Runs once the channel is open, before any call arrives. */
  begin?(): void;
  /** Resolves when no thread is about to bring news. */
  threadsIdle?(): Promise<void>;
};

type Program = { create(recorder: Recorder): Driver; leave(): void; inherited?: string | number };

/** Dial the collector and serve it until the channel closes, then `leave` at once. */
export const driveProcess = async (via: 'node' | 'raw', { create, leave, inherited }: Program): Promise<void> => {
  const { host, name, control } = identity();
  let records = 0;
  const recorder = createRecorder({ host, name, via }, (record) => {
    records++;
    channel.notify({ record });
  });
  const driver = create(recorder);
  const answer = (header: Header) => {
    if (header.do === 'ping') return settled(driver, () => records);
    const request = callRequest(header);
    if (!request) throw failure('ENOSYS', `A process cannot do ${header.do}: it knows ping, and a call with its name.`);
    return performRecorded(driver, recorder, request);
  };
  const hello = { role: 'process', host, name, pid: process.pid, inherited, token: ownToken };
  const channel: Channel = await dial(control, hello, answer);
  driver.begin?.();
  void channel.closed.then(leave);
  // A process that is killed writes no compile cache when it ends, so do it now: it makes the next start faster.
  setImmediate(flushCompileCache);
};

/** What is to be called; undefined where that is not said. A schema would take the process as long to load as all the rest. */
const callRequest = (header: Header): Omit<CallRequest, 'do'> | undefined => {
  const api = textIn(header, 'api');
  if (header.do !== 'call' || api === undefined) return undefined;
  const [file, line] = [textIn(header.source, 'file'), numberIn(header.source, 'line')];
  return {
    api,
    call: textIn(header, 'call'),
    step: numberIn(header, 'step'),
    target: textIn(header, 'target'),
    args: Array.isArray(header.args) ? header.args : [],
    ...(file !== undefined && line !== undefined && { source: { file, line } }),
    ...(header.timed === true && { timed: true }),
  };
};

/**
 * Resolves when the process has handled all that had reached it. Each round of the loop polls every descriptor once; one thing
 * leads to another (accept, read, 'end', shutdown, close), each with a record, so it is over when three rounds brought none.
 */
const settled = async (driver: Driver, count: () => number): Promise<void> => {
  await driver.threadsIdle?.();
  let quiet = 0;
  for (let round = 0; quiet < 3 && round < 1000; round++) {
    const before = count();
    await nextRound();
    quiet = count() === before ? quiet + 1 : 0;
  }
};

const nextRound = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Make one call: its record before, its return after, both in the same turn unless the call itself takes longer. */
export const performRecorded = (
  driver: Driver,
  recorder: Recorder,
  { call: id, step, api, args = [], source, target = driver.targetOf?.(api, args), timed }: Omit<CallRequest, 'do'>,
): Outcome | Promise<Outcome> => {
  const before = timed && waitForProcessor(process.pid);
  const call = recorder.call({ call: id, step, by: 'script', api, args, target, source, ...driver.addresses(target) });
  const succeed = (outcome: Outcome): Outcome => {
    const { errno, length, local, remote } = { ...driver.addresses(outcome.target ?? target), ...outcome };
    const after = timed && waitForProcessor(process.pid);
    const waited = before === undefined || after === undefined ? undefined : after - before;
    recorder.returned(call, { value: shownValue(outcome), errno, length, waited, local, remote });
    return outcome;
  };
  const fail = (error: unknown): never => {
    recorder.returned(call, { errno: codeOf(error), ...driver.addresses(target) });
    throw error;
  };
  try {
    const outcome = driver.perform({ api, args, target });
    return outcome instanceof Promise ? outcome.then(succeed, fail) : succeed(outcome);
  } catch (error) {
    return fail(error);
  }
};

/** What a record shows as returned: what was asked for, rather than C's way of handing it over. */
const shownValue = ({ value, bytes, text, option, revents }: Outcome): unknown => {
  if (option !== undefined) return option;
  if (revents !== undefined) return { ready: value, revents };
  return bytes === undefined ? value : { bytes, text };
};

const identity = () => {
  const { FINWAIT_CONTROL, FINWAIT_HOST, FINWAIT_PROCESS } = process.env;
  if (!FINWAIT_CONTROL || !FINWAIT_HOST || !FINWAIT_PROCESS) {
    process.stderr.write(
      'This program is started by a finwait agent, which tells it where to dial. It does nothing by itself.\n',
    );
    process.exit(64);
  }
  return { control: FINWAIT_CONTROL, host: FINWAIT_HOST as HostName, name: FINWAIT_PROCESS };
};

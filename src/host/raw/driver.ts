// What a raw process does for each call the script asks for.

import type { Outcome } from '../../control/replies.ts';
import type { Driver } from '../driven-process.ts';
import { failure } from '../errno.ts';
import { type Inherited, inheritedDescriptor } from '../inherited.ts';
import { type Libc, SystemCallError } from '../libc.ts';
import type { Recorder } from '../recorder.ts';
import { createDescriptors, descriptorOf, targetOf } from './descriptors.ts';
import { processCalls } from './process-calls.ts';
import { socketCalls } from './socket-calls.ts';
import { threadsIdle } from './threads-idle.ts';

/** `inherited` is the descriptor this process was started with, if another process shares one with it. */
export const createRawDriver = (libc: Libc, recorder: Recorder, inherited?: Inherited): Driver => {
  const descriptors = createDescriptors(libc);
  const context = { libc, descriptors, recorder };
  return {
    begin: () => {
      // The first call on a thread would wait some milliseconds for the pool to start.
      void libc.callBlocking('poll', Buffer.alloc(8), 0, 0);
      if (!inherited) return;
      // Or a process this one shares with would inherit the descriptor a second time.
      libc.call('fcntl', inheritedDescriptor, setDescriptorFlags, closeOnExec);
      descriptors.learn(inheritedDescriptor);
    },
    addresses: (target) => descriptors.addresses(descriptorOf(target)),
    targetOf: (api, [first]) => (api in socketCalls && typeof first === 'number' ? targetOf(first) : undefined),
    threadsIdle: () => threadsIdle(libc.blocking()),
    perform: ({ api, args }) => {
      const call = processCalls[api] ?? socketCalls[api];
      if (!call) throw failure('ENOSYS', `There is no raw call ${api}. Known are ${known.join(', ')}.`);
      return orErrno(() => call(context, ...(args as never[])));
    },
  };
};

/** A call the kernel refuses has returned -1, like any other value. */
const orErrno = (make: () => Outcome | Promise<Outcome>): Outcome | Promise<Outcome> => {
  try {
    const outcome = make();
    return outcome instanceof Promise ? outcome.catch(refused) : outcome;
  } catch (error) {
    return refused(error);
  }
};

const refused = (error: unknown): Outcome => {
  if (error instanceof SystemCallError) return { value: -1, errno: error.code };
  throw error;
};

const known = [...Object.keys(socketCalls), ...Object.keys(processCalls)];
const setDescriptorFlags = 2;
const closeOnExec = 1;

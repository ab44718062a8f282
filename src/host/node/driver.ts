// What a node process does for each call the script asks for.

import type { Outcome } from '../../control/replies.ts';
import type { Driver } from '../driven-process.ts';
import type { Inherited } from '../inherited.ts';
import type { Recorder } from '../recorder.ts';
import { createObjects, type Objects } from './objects.ts';
import { bind, type ConnectSettings, type ListenSettings, listen, listenOn, open } from './open.ts';
import { performOn } from './perform-on.ts';
import type { Reaction } from './reactions.ts';
import { adopt, type ShareSettings, share } from './share.ts';

/** `inherited` is the descriptor this process was started with, if another process shares one with it. */
export const createNodeDriver = (recorder: Recorder, inherited?: Inherited): Driver => {
  const objects = createObjects(recorder);
  return {
    begin: () => {
      if (inherited) adopt(objects, inherited);
    },
    addresses: objects.addresses,
    perform: ({ api, args, target }) => {
      const call = processCalls[api];
      return call ? call(objects, target, ...(args as [never])) : performOn(objects.find(target), api, args);
    },
  };
};

type ProcessCall = (objects: Objects, target: string | undefined, argument: never) => Outcome | Promise<Outcome>;

const processCalls: Record<string, ProcessCall> = {
  listen: (objects, _target, settings: ListenSettings = {}) => listen(objects, settings),
  bind: (objects, _target, settings: ListenSettings = {}) => bind(objects, settings),
  listenOn: (objects, target, settings: ListenSettings = {}) => listenOn(objects, target, settings),
  connect: (objects, _target, settings: ConnectSettings) => open(objects, settings),
  react: (objects, target, reaction: Reaction) => {
    objects.reactions.add({ target, ...reaction });
    return {};
  },
  share: (objects, target, settings: ShareSettings) => share(objects, target, settings),
  exit: (_objects, _target, code: number = 0) => {
    // After the reply has been written: the process does not outlive this turn of the loop.
    setImmediate(() => process.exit(code));
    return {};
  },
  crash: () => {
    setImmediate(() => {
      throw new Error('The script asked this process to crash.');
    });
    return {};
  },
};

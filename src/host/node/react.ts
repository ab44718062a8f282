// Carries out the reactions to an event, each recorded as a call of the script's.
import { performRecorded } from '../driven-process.ts';
import { currentAddresses, type NodeObject, type Objects } from './objects.ts';
import { performOn } from './perform-on.ts';

/** The event `name` was emitted by `object`, with `chunk` if it was 'data'. */
export const react = (objects: Objects, object: NodeObject, name: string, chunk?: Buffer): void => {
  const server = object.kind === 'socket' ? object.server : undefined;
  objects.reactions.happened(name, [object.target, server], (api, args) => {
    // Only a server has close(): a reaction of a socket that asks for it means the server that accepted it.
    const subject = api === 'close' && server ? objects.find(server) : object;
    const { target } = subject;
    const driver = {
      perform: () => (api === 'echo' ? performOn(subject, 'write', [chunk]) : performOn(subject, api, args)),
      addresses: () => currentAddresses(subject),
    };
    // A failed call is on record; nobody waits for it, so it must not end the process.
    const outcome = attempt(() => performRecorded(driver, objects.recorder, { api, args, target }));
    if (outcome instanceof Promise) outcome.catch(() => {});
  });
};

const attempt = <Result>(action: () => Result): Result | undefined => {
  try {
    return action();
  } catch {
    return undefined;
  }
};

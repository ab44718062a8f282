// A descriptor shared by two node processes, as after a fork: the giving side and the receiving side.
import { Socket } from 'node:net';
import type { Outcome } from '../../control/replies.ts';
import { failure } from '../errno.ts';
import { type Inherited, inheritedDescriptor } from '../inherited.ts';
import type { Objects } from './objects.ts';
import { type ListenSettings, listenInherited } from './open.ts';
import { descriptorOf } from './perform-on.ts';
import { trackSocket } from './track-socket.ts';

/** `pause`: the child does not read, so that all bytes go to the parent. */
export type ShareSettings = { target?: string; name: string; pause?: boolean; allowHalfOpen?: boolean };

/** Start a node process called `name` that holds the same socket or server. This process keeps its own descriptor. */
export const share = async (objects: Objects, on: string | undefined, given: ShareSettings): Promise<Outcome> => {
  const { target = on, name, ...settings } = given;
  const object = objects.find(target);
  if (object.kind === 'handle')
    throw failure('EINVAL', `Cannot share ${target}: only a socket or a server can be shared.`);
  const fd = descriptorOf(object);
  const { allowHalfOpen } = (object.kind === 'socket' ? object.socket : object.server) as { allowHalfOpen?: boolean };
  // Names in the child start anew, and the inherited object is its first.
  const detail: Inherited = { allowHalfOpen, ...settings, target: `${object.kind}-1` };
  const { shareDescriptor } = await import('../share-descriptor.ts');
  const { pid } = await shareDescriptor(objects.recorder, { kind: 'node', name, fd, detail });
  return { value: { pid, name, target: detail.target } };
};

/** Take up the descriptor this process was started with, under the name `hello` gave it. */
export const adopt = (objects: Objects, { target, ...settings }: Inherited): void => {
  if (String(target).startsWith('server')) {
    void listenInherited(objects, String(target), inheritedDescriptor, settings as ListenSettings);
    objects.nextName('server');
    return;
  }
  const { allowHalfOpen, pause } = settings as Partial<ShareSettings>;
  // manualStart: the first read must not come before the handle is hooked.
  const socket = new Socket({ fd: inheritedDescriptor, allowHalfOpen, manualStart: true } as object);
  if (pause) socket.pause();
  trackSocket(objects, { socket, target: objects.nextName('socket') });
};

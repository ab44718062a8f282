// Records what Node itself does with a TCP handle: the shutdown after the last write, the close after 'end', reading
// started and stopped.
import { getSystemErrorName } from 'node:util';
import type { Addresses, Recorder } from '../recorder.ts';
import type { ShutdownRequest, TcpHandle } from './tcp-handle.ts';

/**
 * Put a record around each of the handle's calls. `about` says whose handle it is, at the time of the call. A second
 * hook does nothing.
 */
export const hookHandle = (
  handle: TcpHandle,
  recorder: Recorder,
  about: () => Addresses & { target: string },
): void => {
  if (hooked.has(handle)) return;
  hooked.add(handle);
  const calls = handle as unknown as Record<string, (...args: unknown[]) => number | undefined>;
  const begin = (api: string) => recorder.call({ by: 'node', api, args: [], ...about() });
  const finish = (call: string, status = 0) => recorder.returned(call, { errno: errnoOf(status) });

  for (const api of ['close', 'reset', 'readStart', 'readStop']) {
    const original = calls[api];
    if (!original) continue;
    calls[api] = (...args) => {
      const call = begin(api);
      const status = original.apply(handle, args);
      finish(call, status);
      return status;
    };
  }
  // uv_shutdown only queues: shutdown(2) is made when the loop comes round, once all writes are out. `oncomplete` tells
  // when it was.
  const { shutdown } = handle;
  handle.shutdown = (request: ShutdownRequest) => {
    const call = begin('shutdown');
    const { oncomplete } = request;
    request.oncomplete = (status) => {
      finish(call, status);
      oncomplete.call(request, status);
    };
    const status = shutdown.call(handle, request);
    if (status !== 0) finish(call, status);
    return status;
  };
};

const hooked = new WeakSet<TcpHandle>();

// 1 is libuv's word for "done already", without a call to `oncomplete`.
const errnoOf = (status: number): string | undefined => (status < 0 ? getSystemErrorName(status) : undefined);

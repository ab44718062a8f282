import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { answerCalls, type Channel, dial, type Handler, openChannel } from './channel.ts';

const folder = mkdtempSync(join(tmpdir(), 'finwait-channel-'));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

/** Two ends of a connection: a channel here, and whatever `far` makes of the other end. */
const pair = async (near: Handler, far: (path: string) => unknown, onFault?: (reason: string) => void) => {
  const path = join(folder, `${count++}.sock`);
  const called = Promise.withResolvers<Socket>();
  const server = await answerCalls(path, called.resolve);
  await far(path);
  const channel = openChannel(await called.promise, near, { name: 'the far side', onFault });
  server.close();
  return channel;
};

test('answers, refusals and the end of the far side', async () => {
  let far: Channel | undefined;
  const channel = await pair(
    () => {},
    async (path) => {
      far = await dial(path, {}, ({ do: what }) => {
        if (what === 'refuse') throw Object.assign(new Error('no'), { code: 'EPERM' });
        return what === 'later' ? new Promise((resolve) => setTimeout(resolve, 5, what)) : what;
      });
    },
  );
  expect(await channel.request({ do: 'at once' })).toMatchObject({ value: 'at once' });
  expect(await channel.request({ do: 'later' })).toMatchObject({ value: 'later' });
  await expect(channel.request({ do: 'refuse' })).rejects.toMatchObject({ message: 'no', code: 'EPERM' });
  const open = channel.request({ do: 'later' });
  far?.close();
  await expect(open).rejects.toMatchObject({ code: 'ECHANNEL' });
  await channel.closed;
  await expect(channel.request({ do: 'at once' })).rejects.toMatchObject({ code: 'ECHANNEL' });
});

test('who does not answer is not waited for, and an answer that comes too late is nobody’s', async () => {
  const channel = await pair(
    () => {},
    (path) => dial(path, {}, () => new Promise((resolve) => setTimeout(resolve, 60, 'late'))),
  );
  await expect(channel.request({ do: 'sample' }, undefined, 20)).rejects.toMatchObject({
    message: "No answer to 'sample' from the far side within 0.02 s: it has stopped.",
    code: 'ELATE',
  });
  expect(await channel.request({ do: 'sample' }, undefined, 1000)).toMatchObject({ value: 'late' });
  channel.close();
});

test('a notification that the handler does not take ends the connection, and the reason is told', async () => {
  const reason = Promise.withResolvers<string>();
  const channel = await pair(
    () => {
      throw new Error('a record that is none');
    },
    (path) => connect(path).end(Buffer.from([0, 0, 0, 2, 0, 0, 0, 0, 0x7b, 0x7d])),
    reason.resolve,
  );
  expect(await reason.promise).toBe('a record that is none');
  await channel.closed;
});

// The annotated captures as Wireshark's own programs read them.
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { finwait, readTimeline, resultsFolder, runFolder } from './finwait.ts';

const results = resultsFolder();
let folder = '';

beforeAll(async () => {
  const { exitCode, stderr } = await finwait(['run', 'last-ack-lost', '--quiet', '--results', results]);
  expect(exitCode, String(stderr)).toBe(0);
  folder = runFolder(results, 'last-ack-lost');
});

const read = async (name: string, ...fields: string[]): Promise<string[][]> => {
  const { stdout } = await execa('tshark', [
    '-r',
    join(folder, name),
    '-T',
    'fields',
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  return stdout.split('\n').map((line) => line.split('\t'));
};

test('every packet carries its event and its cause, and the states after it where they are known', async () => {
  const { events } = readTimeline(folder);
  for (const host of ['client', 'server'] as const) {
    const seen = events.filter((event) => event.kind === 'segment' && event.packet[host] !== undefined);
    const packets = await read(`${host}.pcapng`, 'frame.interface_name', 'frame.comment');
    expect(packets).toHaveLength(seen.length);
    for (const [name, comment] of packets) {
      expect(name).toBe(host);
      expect(comment).toMatch(
        /^e\d+ \(.*\) (client → server|server → client) .*\\ncause: [^\\]+(\\n(call|then): [^\\]+)*(\\nstates after it: (client|server) [A-Z0-9-]+(, server [A-Z0-9-]+)?)?$/,
      );
    }
    // Of a stage in which nobody looked they are not known.
    expect(packets.some(([, comment]) => /states after it: client \S+, server \S+$/.test(comment ?? ''))).toBe(true);
    for (const event of seen) expect(packets.some(([, comment]) => comment?.startsWith(`${event.id} `))).toBe(true);
  }
});

test('the lost segment is in the capture of its sender only, and says so', async () => {
  const lost = (name: string) =>
    read(name, 'frame.comment').then(
      (packets) => packets.filter(([comment]) => /^e\d+ [^\\]*, lost/.test(comment ?? '')).length,
    );
  expect(await lost('client.pcapng')).toBeGreaterThan(0);
  expect(await lost('server.pcapng')).toBe(0);
});

test('the times are those of the plain capture, to the nanosecond', async () => {
  expect(await read('client.pcapng', 'frame.time_epoch')).toEqual(await read('client.pcap', 'frame.time_epoch'));
});

test('the file of both hosts says what it is, and keeps them apart', async () => {
  const { stdout } = await execa('capinfos', [join(folder, 'timeline.pcapng')]);
  expect(stdout).toMatch(/Strict time order: +True/);
  expect(stdout).toMatch(/Number of interfaces in file: 2/);
  expect(stdout).toMatch(/Capture comment: .*last-ack-lost/);
  expect(stdout).toMatch(/D5 reproduced/);
  expect(stdout).toMatch(/every delivered segment stands in it twice/);
  const both = await read('timeline.pcapng', 'frame.interface_name');
  expect(new Set(both.flat())).toEqual(new Set(['client', 'server']));
});

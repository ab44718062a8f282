import { expect, test } from 'vitest';
import { ofTwo } from '../../record/fixtures/of-two.ts';
import { parseSamples, readSamples } from './samples.ts';

const table = 'State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n';
const row = 'ESTAB 0 0 192.0.2.1:1 192.0.2.2:2 ino:1 sk:1\n\t cubic\n';
const heading = (number: number, begin: number, exit = 0, more = '', reason = `before frame ${number}`) =>
  `# sample ${number} begin=${begin} end=${begin + 5} realtime=1790000000000000000 exit=${exit}${more} reason=${reason}\n`;

test('samples are told apart by their headings', () => {
  const { samples, damage } = parseSamples('client', heading(1, 10) + table + row + heading(2, 20) + table);
  expect(damage).toBeUndefined();
  expect(samples).toMatchObject([
    {
      host: 'client',
      begin: 10,
      end: 15,
      realtime: 1_790_000_000_000_000_000n,
      reason: 'before frame 1',
      rows: [{ state: 'ESTABLISHED' }],
    },
    { begin: 20, end: 25, rows: [] },
  ]);
  expect(samples.map(({ failure }) => failure)).toEqual([undefined, undefined]);
});

test('a failed sample is a blind span from the good one before to the good one after', () => {
  const watch = (number: number, begin: number, exit?: number) => heading(number, begin, exit, '', 'watch');
  const client = watch(1, 10) + table + watch(2, 20, 255) + watch(3, 30, 255) + watch(4, 40) + table;
  const { samples, gaps } = readSamples(ofTwo({ client, server: watch(1, 12) + table }));
  expect(samples.map(({ host, begin }) => [host, begin])).toEqual([
    ['client', 10],
    ['server', 12],
    ['client', 20],
    ['client', 30],
    ['client', 40],
  ]);
  expect(gaps).toEqual([{ witness: 'ss', host: 'client', reason: 'ss ended with exit code 255', from: 15, to: 40 }]);
});

test('damage is reported: a heading, a length that does not fit, a file without samples', () => {
  expect(parseSamples('client', '# sample 1 begin=1\n').damage).toBe('the heading of sample 1 is damaged');
  expect(parseSamples('client', `${table}${row}`).damage).toBe('the file does not begin with a sample');
  const measured = parseSamples('client', heading(1, 10, 0, ` bytes=${table.length + row.length}`) + table);
  expect(measured.samples[0]?.failure).toBe('the output of ss is cut short');
  expect(readSamples(ofTwo({ client: '', server: heading(1, 1) + table + heading(2, 2) + table })).gaps).toEqual([
    { witness: 'ss', host: 'client', reason: 'there is no sample of the host' },
    { witness: 'ss', host: 'client', reason: '2 samples taken of the other host have no counterpart' },
  ]);
});
